/**
 * Scores one unnamed numeric series, record by record: six detectors, each calibrated by the series' own past, one score.
 * Nothing is known of the series beforehand; it sees no calendar and names no cause.
 */
import { createCadence, observe, recordsIn } from './cadence.ts';
import type { Detector } from './detector.ts';
import { createLevelDetector } from './level.ts';
import { createRangeDetector } from './range.ts';
import { createRefractory } from './refractory.ts';
import { createRoughnessDetector } from './roughness.ts';
import { createShapeDetector } from './shape.ts';
import { createTimeOfDayDetector } from './time-of-day.ts';

/** Between the mean (1), which asks all to agree, and the loudest alone (∞). */
const power = 1.5;
/**
 * Nats that score one half: the rarer the records, the fewer the chances of a false alarm a day, and the less is asked of each.
 * At one record a day, and more for each e-fold of records.
 */
const halfNatsDaily = 2.75;
const halfNatsPerFold = 0.115;
const dayMs = 86_400_000;
const shortShapeRecords = 8;
const longShapeRecords = 20;

/**
 * @returns a function to be called once a record, in order of event time (milliseconds since 1970, UTC). Its score is 0…1; 0.5 and
 * more is an alarm, and it is the same for a × value + b with any a > 0.
 */
export function createSeriesScorer(): (eventTimeMs: number, value: number) => number {
  const cadence = createCadence();
  const detectors: readonly Detector[] = [
    createLevelDetector(cadence),
    createRoughnessDetector(cadence),
    createRangeDetector(),
    createShapeDetector(shortShapeRecords),
    createShapeDetector(longShapeRecords),
    createTimeOfDayDetector(cadence),
  ];
  const withPauses = createRefractory(cadence);
  return (eventTimeMs, value) => {
    observe(cadence, eventTimeMs);
    let sum = 0;
    for (const detect of detectors) sum += detect(eventTimeMs, value) ** power;
    const nats = (sum / detectors.length) ** (1 / power);
    const halfNats = halfNatsDaily + halfNatsPerFold * Math.log(recordsIn(cadence, dayMs));
    return withPauses(1 - 2 ** (-nats / halfNats));
  };
}
