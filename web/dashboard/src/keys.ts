/** Keys of the page. A key never acts while the reader is typing, and every one of them has a button too. */
import type { Page } from './context.tsx';
import { byUrgency, needsAcknowledging } from './deviation.ts';
import { beginChord, endChord, isChordPending, isForPage } from './key-press.ts';
import { setKiosk } from './kiosk/mode.ts';
import { lastPort, nextTheme, nextZone } from './parts/header.tsx';
import { askFilter, currentRow, visibleRows } from './parts/port-table.tsx';
import { go, route } from './route.ts';

function moveRow(step: 1 | -1): void {
  const rows = visibleRows.peek();
  if (rows.length === 0) return;
  const at = currentRow.peek() === null ? -1 : rows.indexOf(currentRow.peek() ?? '');
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  currentRow.value = next ?? null;
  requestAnimationFrame(() => document.querySelector(`tr[data-port="${next}"]`)?.scrollIntoView({ block: 'nearest' }));
}

/** The alert that A and S mean: the one that is open on the page, else the worst. */
function meantAlert(page: Page) {
  const { view, id } = route.peek();
  const chosen = view === 'alerts' ? page.live.alerts.peek().get(id) : undefined;
  if (chosen !== undefined) return chosen;
  const open = byUrgency(page.live.alerts.peek().values());
  return open.find((alert) => needsAcknowledging(alert, page.nowMs.peek())) ?? open[0];
}

function act(page: Page, key: string): boolean {
  const { dialogs, connection } = page;
  switch (key) {
    case '/':
      dialogs.show({ kind: 'search' });
      return true;
    case '?':
      dialogs.show({ kind: 'help' });
      return true;
    case 'j':
    case 'k':
      moveRow(key === 'j' ? 1 : -1);
      return true;
    case 'Enter':
      if (route.peek().view !== 'overview' || currentRow.peek() === null) return false;
      go('port', currentRow.peek() ?? '');
      return true;
    case 'a':
    case 's': {
      const alert = meantAlert(page);
      if (alert === undefined) return false;
      dialogs.show({ kind: key === 'a' ? 'acknowledge' : 'silence', alertId: alert.alert_id });
      return true;
    }
    case 'f':
      if (route.peek().view !== 'overview') return false;
      askFilter();
      return true;
    case 't':
      if (route.peek().view !== 'overview') return false;
      dialogs.show({ kind: 'figures' });
      return true;
    case ' ':
      if (route.peek().view === 'replay') return false;
      if (connection.isPaused.peek()) connection.resume();
      else connection.pause();
      return true;
    case 'l':
      go('overview');
      return true;
    case 'K':
      setKiosk(true);
      return true;
    case 'D':
      nextTheme();
      return true;
    case 'Z':
      nextZone();
      return true;
    case 'Escape':
      if (route.peek().view === 'overview') return false;
      history.back();
      return true;
    default:
      return false;
  }
}

function chord(key: string): boolean {
  const views = { o: 'overview', p: 'port', m: 'measures', a: 'alerts', u: 'rules', r: 'replay' } as const;
  const view = Object.entries(views).find(([letter]) => letter === key)?.[1];
  if (view === undefined) return false;
  go(view, view === 'port' ? lastPort() : '');
  return true;
}

export function startKeys(page: Page): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (!isForPage(event, page.dialogs)) return;
    const onControl = event.target instanceof HTMLElement && event.target.matches('button, a, [role=slider]');
    if (onControl && (event.key === ' ' || event.key === 'Enter')) return;
    const isChord = isChordPending();
    if (event.key === 'g') beginChord();
    else endChord();
    if (isChord ? chord(event.key) : act(page, event.key)) event.preventDefault();
  };
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}
