/** Silences in force: what they hold back, by whom, until when, and a way to end them now. */
import { alertTitle, duration, moment } from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { matched, matcherWords } from '../matcher-words.ts';
import { language, words } from '../settings.ts';
import type { Silence } from '../wire/store.ts';
import { shownZone } from '../zone.ts';

export function silencesInForce(silences: Iterable<Silence>, nowMs: number): Silence[] {
  return [...silences].filter((one) => one.until_ms > nowMs).sort((a, b) => a.until_ms - b.until_ms);
}

function One({ silence }: { silence: Silence }) {
  const { live, nowMs, dialogs } = usePage();
  const w = words.value;
  const lang = language.value;
  const now = nowMs.value;
  const held = matched(silence.matchers, live.alerts.value.values());
  return (
    <div class="li silence" data-silence={silence.id}>
      <b>{matcherWords(silence.matchers, lang)}</b>
      <small>
        {w.silenceLine(
          silence.by,
          moment(silence.until_ms, now, lang, shownZone.value),
          duration(silence.until_ms - now, lang),
        )}
        {silence.note === '' ? '' : ` · “${silence.note}”`}
      </small>
      <small title={held.map((alert) => alertTitle(alert, lang)).join('\n')}>{w.silenceHolds(held.length)}</small>
      <div class="acts">
        <button type="button" class="bt" onClick={() => dialogs.show({ kind: 'unsilence', silenceId: silence.id })}>
          {w.endNow}
        </button>
      </div>
    </div>
  );
}

export function SilenceList({ silences }: { silences: readonly Silence[] }) {
  if (silences.length === 0) return <p class="empty">{words.value.silencesNone}</p>;
  return (
    <>
      {silences.map((silence) => (
        <One key={silence.id} silence={silence} />
      ))}
    </>
  );
}
