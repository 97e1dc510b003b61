/**
 * Appends what a person did or saved to the log, as a CloudEvent. It comes back from there, to this gateway and to all others.
 */
import { ACTIONS_TOPIC, type Action, cloudEventHeaders, RULES_TOPIC, type RuleSet } from '@quaywatch/contracts';
import type { LogPort } from '../adapters/kafka.ts';
import { ApiError } from './errors.ts';

const SOURCE = 'quaywatch/gateway';
/** There is one rule set; its versions are the records. */
const RULES_KEY = 'default';

/** @throws ApiError 503 when Kafka does not take it. */
async function append(kafka: LogPort, topic: string, key: string, value: object, headers: Record<string, string>) {
  try {
    await kafka.append(topic, key, JSON.stringify(value), headers);
  } catch (error) {
    const failure = new ApiError(503, 'log_unavailable', 'Kafka did not take it; nothing was changed. Try again.');
    failure.cause = error;
    throw failure;
  }
}

/** @param key the alert's, the silence's or the receiver's. @throws ApiError 503 */
export function appendAction(kafka: LogPort, key: string, action: Action): Promise<void> {
  const headers = cloudEventHeaders(`action.${action.kind}`, action.id, SOURCE, action.at_ms);
  return append(kafka, ACTIONS_TOPIC, key, action, headers);
}

/** @throws ApiError 503 */
export function appendRuleSet(kafka: LogPort, id: string, ruleSet: RuleSet): Promise<void> {
  const headers = cloudEventHeaders('rules.saved', id, SOURCE, ruleSet.saved_at_ms);
  return append(kafka, RULES_TOPIC, RULES_KEY, ruleSet, headers);
}
