/**
 * Sound and browser notifications, when the reader wants them: for what the notifier decided to tell the receiver `page`, once by key.
 * Nothing of a replay, and nothing that was decided before the page was opened.
 */
import { useEffect, useRef } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { type Notice, noticeOf } from '../notice.ts';
import { go } from '../route.ts';
import { isNotified, isSounded, language, words } from '../settings.ts';
import { toBeHeard } from '../told.ts';

let audio: AudioContext | undefined;

/** Two short tones; lower ones for what is over. */
function sound(isOver: boolean): void {
  audio ??= new AudioContext();
  const { currentTime, destination } = audio;
  for (const [index, hertz] of (isOver ? [520, 390] : [660, 880]).entries()) {
    const tone = new OscillatorNode(audio, { frequency: hertz });
    const loudness = new GainNode(audio, { gain: 0 });
    const startS = currentTime + index * 0.18;
    loudness.gain.setValueAtTime(0, startS);
    loudness.gain.linearRampToValueAtTime(0.2, startS + 0.02);
    loudness.gain.linearRampToValueAtTime(0, startS + 0.16);
    tone.connect(loudness).connect(destination);
    tone.start(startS);
    tone.stop(startS + 0.17);
  }
}

function show({ title, body, key, alertId }: Notice): void {
  // The tag makes a second tab, or the same notification after a reload, replace it instead of showing it twice.
  const shown = new Notification(title, { body, tag: key, lang: language.peek() });
  shown.onclick = () => {
    window.focus();
    go('alerts', alertId);
  };
}

export function Notices() {
  const { live, nowMs, connection } = usePage();
  const heard = useRef(new Set<string>());
  // By the browser's clock: how far the gateway's is from it is not known before the first welcome.
  const openedWallMs = useRef(Date.now());
  const records = live.notifications.value;
  useEffect(() => {
    const openedAtMs = openedWallMs.current + connection.clockOffsetMs.peek();
    for (const one of toBeHeard(records, (key) => heard.current.has(key), openedAtMs)) {
      for (const key of one.keys) heard.current.add(key);
      if (isSounded.peek()) sound(one.decision.reason === 'resolved');
      const notice = isNotified.peek() ? noticeOf(one, live.alerts.peek(), nowMs.peek()) : null;
      if (notice !== null) show(notice);
    }
  }, [records, live, nowMs, connection]);
  return null;
}

export async function toggleNotified(): Promise<void> {
  if (isNotified.peek()) {
    isNotified.value = false;
    return;
  }
  if (!('Notification' in globalThis)) return;
  isNotified.value = (await Notification.requestPermission()) === 'granted';
}

export function toggleSounded(): void {
  isSounded.value = !isSounded.peek();
  // Heard at once, so that the reader knows it, and so that the browser allows it later.
  if (isSounded.peek()) sound(false);
}

export function NoticeSwitches() {
  const w = words.value;
  const canNotify = 'Notification' in globalThis && Notification.permission !== 'denied';
  return (
    <div class="acts switches">
      <button
        type="button"
        class={isSounded.value ? 'bt pri' : 'bt'}
        aria-pressed={isSounded.value}
        onClick={toggleSounded}
      >
        {w.soundSwitch(isSounded.value)}
      </button>
      <button
        type="button"
        class={isNotified.value ? 'bt pri' : 'bt'}
        aria-pressed={isNotified.value}
        disabled={!canNotify}
        title={canNotify ? '' : w.notifyBlocked}
        onClick={toggleNotified}
      >
        {w.notifySwitch(isNotified.value)}
      </button>
    </div>
  );
}
