/** The few drawn signs of the page. Shape says what colour says, so that neither is needed alone. */
import type { FeedState, Severity } from '@quaywatch/contracts';

export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
      <path d="M1 17.2h18" stroke="currentColor" stroke-width="1.6" />
      <path d="M3 16V9.5h4V16zM8 16V6h4v10zM13 16V2.5h4V16z" fill="currentColor" />
      <path d="M13 7h4M8 11h4" stroke="var(--surface)" stroke-width="1.1" />
    </svg>
  );
}

export function SeverityIcon({
  severity,
  size = 14,
  label,
  pulses = false,
}: {
  severity: Severity;
  size?: number;
  label: string;
  pulses?: boolean;
}) {
  return (
    <svg
      class={pulses ? 'sv pulse' : 'sv'}
      width={size}
      height={size}
      viewBox="0 0 14 14"
      role="img"
      aria-label={label}
    >
      {severity === 'critical' && (
        <>
          <path d="M4.2 0h5.6L14 4.2v5.6L9.8 14H4.2L0 9.8V4.2z" fill="var(--alarm)" />
          <path d="M7 3v5M7 9.6v1.6" stroke="var(--alarm-on)" stroke-width="1.7" />
        </>
      )}
      {severity === 'warning' && (
        <>
          <path d="M7 1.2 13.2 12.6H.8z" fill="none" stroke="var(--alarm)" stroke-width="1.5" stroke-linejoin="round" />
          <path d="M7 5v3.6M7 9.8v1.3" stroke="var(--alarm)" stroke-width="1.4" />
        </>
      )}
      {severity === 'info' && (
        <>
          <circle cx="7" cy="7" r="5.6" fill="none" stroke="var(--ink-3)" stroke-width="1.4" />
          <path d="M7 6.3v4M7 3.6V5" stroke="var(--ink-3)" stroke-width="1.4" />
        </>
      )}
    </svg>
  );
}

export function FeedIcon({ feed }: { feed: FeedState }) {
  return (
    <svg class="fi" width="9" height="9" viewBox="0 0 10 10" aria-hidden="true">
      {feed === 'live' && <circle cx="5" cy="5" r="4" fill="var(--live)" />}
      {feed === 'late' && (
        <>
          <circle cx="5" cy="5" r="4" fill="none" stroke="var(--caution)" stroke-width="1.4" />
          <path d="M5 1a4 4 0 0 0 0 8z" fill="var(--caution)" />
        </>
      )}
      {(feed === 'silent' || feed === 'none') && (
        <>
          <circle
            cx="5"
            cy="5"
            r="4"
            fill="none"
            stroke={feed === 'silent' ? 'var(--alarm)' : 'var(--ink-3)'}
            stroke-width="1.4"
          />
          <path d="M2.4 7.6 7.6 2.4" stroke={feed === 'silent' ? 'var(--alarm)' : 'var(--ink-3)'} stroke-width="1.4" />
        </>
      )}
    </svg>
  );
}

const TABS = {
  overview: 'M2 3h6v6H2zM10 3h6v6h-6zM2 11h6v4H2zM10 11h6v4h-6z',
  map: 'M9 1a5 5 0 0 0-5 5c0 4 5 10 5 10s5-6 5-10a5 5 0 0 0-5-5z',
  port: 'M2 15h14M4 15V9h4v6M10 15V4h4v11',
  measures: 'M2 15h14M2.5 4h9M2.5 8h13M2.5 12h6',
  alerts: 'M6 2h6l4 4v6l-4 4H6l-4-4V6z',
  replay: 'M16 3v12L9 9zM9 3v12L2 9z',
} as const;

export function TabIcon({ name }: { name: keyof typeof TABS }) {
  return (
    <svg width="18" height="18" aria-hidden="true">
      <path
        d={TABS[name]}
        fill={name === 'overview' ? 'currentColor' : 'none'}
        stroke="currentColor"
        stroke-width="1.4"
      />
    </svg>
  );
}

const TRANSPORT = {
  start: 'M2 1v12M13 1v12L4 7z',
  back: 'M12 1v12L3 7z',
  play: 'M3 1v12l9-6z',
  pause: 'M3 1h3v12H3zM8 1h3v12H8z',
  on: 'M2 1v12l9-6z',
} as const;

export function TransportIcon({ name }: { name: keyof typeof TRANSPORT }) {
  return (
    <svg class="ico" viewBox="0 0 14 14" aria-hidden="true">
      <path d={TRANSPORT[name]} stroke="currentColor" stroke-width={name === 'start' ? '1.6' : '0'} />
    </svg>
  );
}

export function FindIcon() {
  return (
    <svg class="find-icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path
        d="M6.8 2.2a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2zM10.2 10.2l4 4"
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
      />
    </svg>
  );
}

export function ThemeIcon() {
  return (
    <svg width="13" height="13" viewBox="0 0 14 14" aria-hidden="true">
      <circle cx="7" cy="7" r="5.6" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path d="M7 1.4a5.6 5.6 0 0 1 0 11.2z" fill="currentColor" />
    </svg>
  );
}
