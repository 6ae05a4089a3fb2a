/**
 * Pairs of waiter and holder that get a series of their own; what comes later is summed up as `other`. A hundred labels can make ten
 * thousand pairs, more than a Prometheus server should be given by one table.
 */
export const blockedPairsMax = 200
