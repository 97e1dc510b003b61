/** One measure by port: share of the last day with its bar, its own level, the change, TEU, today, trend, and shifts. Sortable. */
import { type Signal, useSignal } from '@preact/signals';
import { PORTS } from '@quaywatch/contracts';
import { NO_DATA, portName, signedPercent, whole } from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { go, hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';
import { pointsClass } from './measure-list.tsx';
import { ShareSpark } from './share-chart.tsx';
import { PROGRAMME, type ProgrammeKey, type Standing } from './shares.ts';
import { hrefOfLooked, type Looked } from './state.ts';
import { measureWords } from './words.ts';

export type SortKey = 'name' | 'share' | 'level' | 'change' | 'own' | 'teu';
export type PortStanding = { readonly code: string; readonly standing: Standing | undefined; readonly shifts: number };

function cellOf({ code, standing }: PortStanding, key: SortKey): string | number | null {
  switch (key) {
    case 'name':
      return portName(code, language.peek());
    case 'share':
      return standing?.share ?? null;
    case 'level':
      return standing?.level?.share ?? null;
    case 'change':
      return standing?.change ?? null;
    case 'own':
      return standing?.ownShare ?? null;
    case 'teu':
      return standing?.teu ?? null;
  }
}

/** What is not known goes last, whichever way the column is sorted. */
function sortPorts(ports: readonly PortStanding[], key: SortKey, isAscending: boolean): PortStanding[] {
  return [...ports].sort((a, b) => {
    const [left, right] = [cellOf(a, key), cellOf(b, key)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const order =
      typeof left === 'string' || typeof right === 'string'
        ? String(left).localeCompare(String(right), language.peek() === 'zh' ? 'zh-CN' : 'en')
        : left - right;
    return isAscending ? order : -order;
  });
}

type Sorting = { readonly key: SortKey; readonly isAscending: boolean };

function Head({ sorting, own }: { sorting: Signal<Sorting>; own: string }) {
  const w = measureWords.value;
  const column = (key: SortKey, name: string, more = 'num') => {
    const isOn = sorting.value.key === key;
    const { isAscending } = sorting.value;
    return (
      <th
        scope="col"
        class={`${more} ${isOn ? 'sort' : ''}`}
        aria-sort={isOn ? (isAscending ? 'ascending' : 'descending') : 'none'}
      >
        <button
          type="button"
          onClick={() => {
            sorting.value = { key, isAscending: isOn ? !isAscending : key === 'name' };
          }}
        >
          {name} {isOn ? (isAscending ? '↑' : '↓') : ''}
        </button>
      </th>
    );
  };
  return (
    <thead>
      <tr>
        {column('name', w.port, '')}
        <th scope="col" class="me-bar">
          <span class="sr">{w.bar}</span>
        </th>
        {column('share', w.lastDayShare)}
        {column('level', w.level)}
        {column('change', w.points)}
        {own !== '' && column('own', `${own}, %`, 'num c-own')}
        {column('teu', w.teu)}
        <th scope="col" class="num c-today">
          {w.today}
        </th>
        <th scope="col" class="me-trend">
          {w.trend}
        </th>
        <th scope="col">{w.shifts}</th>
      </tr>
    </thead>
  );
}

const one = (value: number | null | undefined) => (value === null || value === undefined ? NO_DATA : value.toFixed(1));

type RowProps = {
  readonly entry: PortStanding;
  readonly looked: Looked;
  readonly largest: number;
  readonly stepMs: number;
  readonly hasOwn: boolean;
};

function Bar({ share, level, largest }: { share: number | null; level: number | null; largest: number }) {
  if (share === null) return <svg width="96" height="12" aria-hidden="true" />;
  return (
    <svg width="96" height="12" aria-hidden="true">
      <rect y="2.5" width={Math.max(1, (share / largest) * 94)} height="7" fill="var(--c2)" />
      {level !== null && <path d={`M${(level / largest) * 94 + 0.5} 0V12`} stroke="var(--ink)" stroke-width="1.5" />}
    </svg>
  );
}

function Row({ entry, looked, largest, stepMs, hasOwn }: RowProps) {
  const { live } = usePage();
  const { code, standing, shifts } = entry;
  const w = measureWords.value;
  const isOn = looked.port === code;
  const href = hrefOfLooked(looked, { port: isOn ? '' : code });
  const today = looked.run === 'live' ? live.port(code).value?.mix?.[looked.measure] : null;
  return (
    // The link in the first cell is for the keyboard.
    <tr
      class={isOn ? 'cur' : ''}
      data-port={code}
      onClick={(event) => {
        if (!(event.target instanceof Element && event.target.closest('a') !== null)) location.hash = href;
      }}
    >
      <td>
        <a class="pn" href={href} aria-current={isOn ? 'true' : undefined}>
          {portName(code, language.value)}
        </a>
        <span class="pc">{code}</span>
      </td>
      <td class="me-bar">
        <Bar share={standing?.share ?? null} level={standing?.level?.share ?? null} largest={largest} />
      </td>
      <td class="num rate">{one(standing?.share)}</td>
      <td class="num mid">{one(standing?.level?.share)}</td>
      <td class={`num ${pointsClass(standing?.change ?? null, standing?.teu ?? null)}`}>
        {signedPercent(standing?.change ?? null)}
      </td>
      {hasOwn && <td class="num c-own">{one(standing?.ownShare)}</td>}
      <td class="num">{whole(standing?.teu ?? null)}</td>
      <td class="num mid c-today">{one(today)}</td>
      <td class="me-trend">
        <ShareSpark samples={standing?.samples ?? []} stepMs={stepMs} level={standing?.level ?? null} />
      </td>
      <td>
        {shifts > 0 && (
          <a class="me-shift" href={hrefOf('alerts')}>
            ▲ {w.shift(shifts)}
          </a>
        )}
      </td>
    </tr>
  );
}

type Props = {
  readonly looked: Looked;
  readonly ports: readonly PortStanding[];
  readonly nation: Standing | undefined;
  readonly stepMs: number;
};

export function PortShares({ looked, ports, nation, stepMs }: Props) {
  const w = measureWords.value;
  const sorting = useSignal<Sorting>({ key: 'teu', isAscending: false });
  const { own } = PROGRAMME[looked.measure as ProgrammeKey];
  const sorted = sortPorts(ports, sorting.value.key, sorting.value.isAscending);
  const largest = Math.max(
    0.1,
    ...ports.flatMap(({ standing }) => [standing?.share ?? 0, standing?.level?.share ?? 0]),
  );
  return (
    <section class="panel me-ports">
      <div class="ph">
        <h2 class="h">
          {w.names[looked.measure]}
          {words.value.colon}
          {w.allPorts.toLowerCase()}
        </h2>
        <span class="lab">{w.levelNote}</span>
        <div class="sp" />
        {looked.port !== '' && (
          <button type="button" class="tb" onClick={() => go('port', looked.port)}>
            {w.openPort}
          </button>
        )}
      </div>
      <Scroll label={`${w.fullNames[looked.measure]}, ${w.allPorts}`} more="tbl">
        <table>
          <Head sorting={sorting} own={own === 'all' ? '' : w.ofOwn[own]} />
          <tbody>
            {sorted.map((entry) => (
              <Row
                key={entry.code}
                entry={entry}
                looked={looked}
                largest={largest}
                stepMs={stepMs}
                hasOwn={own !== 'all'}
              />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td>
                {w.china}, {PORTS.length}
              </td>
              <td class="me-bar" />
              <td class="num">{one(nation?.share)}</td>
              <td class="num">{one(nation?.level?.share)}</td>
              <td class="num">{signedPercent(nation?.change ?? null)}</td>
              {own !== 'all' && <td class="num c-own">{one(nation?.ownShare)}</td>}
              <td class="num">{whole(nation?.teu ?? null)}</td>
              <td class="c-today" />
              <td class="me-trend" />
              <td />
            </tr>
          </tfoot>
        </table>
      </Scroll>
    </section>
  );
}
