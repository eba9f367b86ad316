/** The attribute that keeps the end of a span that was reported to end before it started, in nanoseconds. */
export const reportedEnd = 'tracehold.reported_end_time_unix_nano'
