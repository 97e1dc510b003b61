export { createFeeds, type FeedOptions, type Feeds, partitionOf } from './feed/feeds.ts';
export { type Ledger, type RecordOptions, type RecordSink, record, recordingEndMs } from './record.ts';
export { BUILT_IN_NAMES, loadScenario } from './scenario/built-in.ts';
export { anchorScenario, decodeScenario, type Scenario, ScenarioError } from './scenario/scenario.ts';
