/** Whether the page hangs on a wall: asked for by `?kiosk` or by K, and left by K or Esc. The address says it, so that a restarted screen comes back. */
import { signal } from '@preact/signals';

const hasKiosk = (search: string) => new URLSearchParams(search).has('kiosk');

export const isKiosk = signal(hasKiosk(globalThis.location?.search ?? ''));

export function setKiosk(isOn: boolean): void {
  const url = new URL(location.href);
  if (isOn) url.searchParams.set('kiosk', '');
  else url.searchParams.delete('kiosk');
  history.replaceState(history.state, '', url.href.replace('kiosk=', 'kiosk'));
  isKiosk.value = isOn;
}
