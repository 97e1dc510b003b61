/** What every detector of a series is: a memory that answers one record with how unusual it is. */

/** @returns surprise in nats, 0 while the detector is still learning; called once a record, in order. */
export type Detector = (eventTimeMs: number, value: number) => number;
