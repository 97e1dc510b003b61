/** What people do about alerts: acknowledge, add a note, silence with a preview of what that would hold back, and end a silence. */
import type { AlertState, Matcher } from '@quaywatch/contracts';
import { alertTitle, moment, severityName } from '@quaywatch/words';
import { useEffect, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { matched, matchersFor, matcherWords } from '../matcher-words.ts';
import { language, words } from '../settings.ts';
import { api } from '../wire/api.ts';
import { shownZone } from '../zone.ts';
import { SeverityIcon } from './icons.tsx';
import { Matchers } from './matchers.tsx';
import { Modal } from './modal.tsx';
import { PersonForm, type Send } from './person-form.tsx';

type AlertDialog = { alertId: string; onClose: () => void };

export function Acknowledge({ alertId, onClose }: AlertDialog) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const alert = live.alerts.value.get(alertId);
  // What is taken up is what was there to be seen when this opened.
  const [seen] = useState(alert?.severity);
  if (alert === undefined || seen === undefined) return null;
  const send: Send = async (by, note) => {
    const answer = await api.acknowledge(alertId, seen, by, note);
    if (!answer.ok && answer.status === 409) return { ...answer, message: w.acknowledgeOutdated };
    const current = live.alerts.peek().get(alertId);
    // Shown at once; the log says the same a moment later.
    if (answer.ok && current !== undefined)
      live.putAlert({ ...current, acknowledged: { by, note, at_ms: nowMs.peek(), severity: seen } });
    return answer;
  };
  return (
    <Modal title={w.acknowledgeTitle(alertTitle(alert, language.value))} onClose={onClose}>
      <PersonForm send={send} action={w.acknowledge} onDone={onClose}>
        <p class="note">{w.acknowledgeNote}</p>
      </PersonForm>
    </Modal>
  );
}

export function AddNote({ alertId, onClose }: AlertDialog) {
  const { live } = usePage();
  const w = words.value;
  const alert = live.alerts.value.get(alertId);
  if (alert === undefined) return null;
  const send: Send = (by, note) => api.addNote(alertId, by, note);
  return (
    <Modal title={w.noteTitle(alertTitle(alert, language.value))} onClose={onClose}>
      <PersonForm send={send} action={w.addNote} onDone={onClose} isNoteWanted />
    </Modal>
  );
}

const PREVIEW_AFTER_MS = 300;
const previewMax = 6;

/** What a silence would hold back now, as the gateway says it; what this page knows stands in until it has answered. */
function usePreview(matchers: readonly Matcher[]): readonly AlertState[] {
  const { live } = usePage();
  const [said, setSaid] = useState<{ key: string; alerts: readonly AlertState[] } | null>(null);
  const isWhole = matchers.length > 0 && matchers.every((matcher) => matcher.values.length > 0);
  const key = JSON.stringify(matchers);
  useEffect(() => {
    if (!isWhole) return;
    let isWanted = true;
    const timer = setTimeout(async () => {
      const answer = await api.previewSilence(matchers);
      if (answer.ok && isWanted) setSaid({ key, alerts: answer.value.alerts });
    }, PREVIEW_AFTER_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [key, isWhole]);
  if (!isWhole) return [];
  return said?.key === key ? said.alerts : matched(matchers, live.alerts.value.values());
}

const MINUTES = [30, 60, 120, 240, 480, 1440, 4320, 10_080] as const;

export function SilenceForm({ alertId, onClose }: AlertDialog) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const lang = language.value;
  const alert = live.alerts.value.get(alertId);
  const [minutes, setMinutes] = useState(120);
  const [matchers, setMatchers] = useState<readonly Matcher[]>(alert === undefined ? [] : matchersFor(alert));
  const preview = usePreview(matchers);
  const isWhole = matchers.length > 0 && matchers.every((matcher) => matcher.values.length > 0);
  const send: Send = (by, note) => api.silence(matchers, by, note, minutes);
  return (
    <Modal title={w.silenceHead} onClose={onClose}>
      <PersonForm send={send} action={w.silence.replace('…', '')} onDone={onClose} canSend={isWhole}>
        <Matchers matchers={matchers} onChange={setMatchers} label={w.silenceWhat} />
        <label>
          {w.forHowLong}
          <select
            class="in"
            value={String(minutes)}
            onChange={(event) => setMinutes(Number(event.currentTarget.value))}
          >
            {MINUTES.map((count) => (
              <option key={count} value={String(count)}>
                {w.silenceFor(count, moment(nowMs.peek() + count * 60_000, nowMs.peek(), lang, shownZone.value))}
              </option>
            ))}
          </select>
        </label>
        <section class="preview" aria-label={w.silencePreview} aria-live="polite">
          <b>{isWhole ? w.silenceHolds(preview.length) : w.silenceIncomplete}</b>
          {preview.slice(0, previewMax).map((one) => (
            <span key={one.alert_id}>
              <SeverityIcon severity={one.severity} size={12} label={severityName(one.severity, lang)} />{' '}
              {alertTitle(one, lang)}
            </span>
          ))}
          {preview.length > previewMax && <span>{w.moreOpen(preview.length - previewMax)}</span>}
        </section>
      </PersonForm>
    </Modal>
  );
}

export function Unsilence({ silenceId, onClose }: { silenceId: string; onClose: () => void }) {
  const { live } = usePage();
  const w = words.value;
  const silence = live.silences.value.get(silenceId);
  if (silence === undefined) return null;
  const send: Send = (by) => api.unsilence(silenceId, by);
  return (
    <Modal title={w.unsilenceTitle} onClose={onClose}>
      <PersonForm send={send} action={w.endNow} onDone={onClose} hasNote={false}>
        <p class="note">{matcherWords(silence.matchers, language.value)}</p>
      </PersonForm>
    </Modal>
  );
}
