/** How many runs of the meter there were, in both tables, so that a table that was restored is noticed. */
export const runsKey = { pk: "METER", sk: "RUNS" } as const;
