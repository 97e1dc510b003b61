/** The rules: what is looked for, who is told, what is held back, as forms; beside them what is changed, and what that would do. */
import { moment } from '@quaywatch/words';
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { Intro } from '../parts/intro.tsx';
import { hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';
import { shownZone } from '../zone.ts';
import { BacktestPanel } from './backtest.tsx';
import { Changes } from './changes.tsx';
import { Held } from './held.tsx';
import { Kinds } from './kinds.tsx';
import { Places } from './places.tsx';
import { Receivers } from './receivers.tsx';
import { Routes } from './routes.tsx';
import { answer, draft, failure, load } from './state.ts';
import { Versions } from './versions.tsx';
import { ruleWords } from './words.ts';

const SECTIONS = ['detection', 'places', 'routes', 'held', 'receivers', 'versions'] as const;
type Section = (typeof SECTIONS)[number];
function Standing() {
  const { nowMs } = usePage();
  const w = ruleWords.value;
  const said = answer.value;
  if (said === null) return null;
  const at = (timeMs: number) => moment(timeMs, nowMs.value, language.value, shownZone.value);
  const { current, upcoming } = said;
  return (
    <span class="lab">
      {current.version === 0 ? w.inForceDefault : w.inForce(current.version, current.by, at(current.saved_at_ms))}
      {upcoming.map((set) => ` · ${w.upcoming(set.version, at(set.effective_from_ms))}`)}
    </span>
  );
}

function Body({ section, meant }: { section: Section; meant: string }) {
  switch (section) {
    case 'detection':
      return <Kinds meant={meant} />;
    case 'places':
      return <Places />;
    case 'routes':
      return <Routes />;
    case 'held':
      return <Held />;
    case 'receivers':
      return <Receivers />;
    case 'versions':
      return <Versions />;
  }
}

function Waiting() {
  const w = ruleWords.value;
  if (failure.value === '') return <p class="empty">{words.value.loading}</p>;
  return (
    <p class="empty" role="alert">
      {w.loadFailed(failure.value)}
      <button type="button" class="bt" onClick={load}>
        {w.again}
      </button>
    </p>
  );
}

export function RulesView({ section: asked }: { section: string }) {
  const { live, connection } = usePage();
  const w = ruleWords.value;
  const section = SECTIONS.find((one) => one === asked) ?? 'detection';
  const isOpen = connection.link.value.kind === 'open';
  // The alerts channel brings the rules whole when somebody saves; they are then read anew, with their history.
  const versions = live.rules.value.map((set) => set.version).join(' ');
  useEffect(() => {
    if (isOpen) void load();
  }, [isOpen, versions]);
  const isThere = draft.value !== null;
  return (
    <main class="v-rules">
      <section class="panel">
        <div class="ph">
          <h1 class="h">{w.title}</h1>
          <Standing />
        </div>
        <Intro view="rules" text={w.intro} />
        <nav class="r-tabs" aria-label={w.title}>
          {SECTIONS.map((one) => (
            <a
              key={one}
              href={hrefOf('rules', one)}
              class={one === section ? 'on' : ''}
              aria-current={one === section ? 'page' : undefined}
            >
              {w.sections[one]}
            </a>
          ))}
        </nav>
        {isThere ? (
          <div class={section === 'detection' ? 'r-body wide' : 'r-body scroll'}>
            <Body section={section} meant={asked} />
          </div>
        ) : (
          <Waiting />
        )}
      </section>
      <aside class="panel r-side scroll">
        {isThere && <Changes />}
        {isThere && <BacktestPanel />}
      </aside>
    </main>
  );
}
