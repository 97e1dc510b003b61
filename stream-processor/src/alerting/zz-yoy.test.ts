import { PORTS } from '@quaywatch/contracts';
import { alertSentence } from '@quaywatch/words';
import { createRandom } from '@quaywatch/runtime';
import { test } from 'vitest';
import { createAreas, decideAreas } from './areas.ts';
import { createRuleTimeline } from './rule-timeline.ts';
test('x', () => {
  const random = createRandom(5); const state = createAreas(); const rules = createRuleTimeline(); const out: any[] = [];
  let endMs = Date.UTC(2025, 2, 10);
  for (let d = 0; d < 34; d++) for (let i = 0; i < 288; i++) {
    endMs += 300_000;
    const windows = PORTS.map((p) => ({ portIndex: p.index, endMs, teu: Math.round(3000 * (0.8 + 0.4 * random())), moves: 10, baseline: 3000, knownAtMs: endMs }));
    decideAreas(state, { run: 't', rules, endMs, portHour: () => 36000, lastYearHour: () => (d < 20 ? 32400 : 26000), doubtAt: () => 0 }, windows, out);
  }
  for (const one of out.filter((o) => o.kind === 'year_on_year' && o.level === 'nation')) console.log(one.status, one.reason, one.value, one.expected, one.band, one.deviation_pct, one.size_teu, '\n', alertSentence(one, one.at_ms, 'en'));
});
