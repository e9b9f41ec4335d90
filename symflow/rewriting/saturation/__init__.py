"""Search by cost: equal programs in an e-graph, judged by a cost model, the best put together."""
