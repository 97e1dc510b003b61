/** The chart of 36 ports: dots by rate and deviation, rings where an incident is open, two insets for the deltas. It never moves. */

import { type ReadonlySignal, useComputed } from '@preact/signals';
import { type AlertState, PORTS, type PortSummary } from '@quaywatch/contracts';
import { clusterName, deviationPercent, portName, whole } from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { byUrgency, isInBand, type Step, stepOf } from '../deviation.ts';

import { LAND, RIVER } from '../map/coast.ts';
import { type Label, MAIN_LABELS, PEARL_LABELS, YANGTZE_LABELS } from '../map/labels.ts';
import { createProjection, type Projection, pathOf } from '../map/projection.ts';

import { go } from '../route.ts';
import { language, words } from '../settings.ts';

const WIDTH = 412;
const HEIGHT = 578.4;
const MAIN = createProjection(
  { x: 8, y: 8, width: 396, height: 562.4 },
  { westLon: 105.7, eastLon: 126.9, northLat: 42.2 },
);
const YANGTZE = createProjection(
  { x: 14, y: 14, width: 188.1, height: 147.1 },
  { westLon: 118.3, eastLon: 122.85, northLat: 32.5 },
);
const PEARL = createProjection(
  { x: 221.8, y: 445.8, width: 176.2, height: 118.5 },
  { westLon: 112.5, eastLon: 114.85, northLat: 23.26 },
);
const SHAPES = [MAIN, YANGTZE, PEARL].map((projection) => ({
  land: pathOf(LAND, projection, true),
  river: pathOf(RIVER, projection, false),
}));

type DotState = { readonly port: PortSummary; readonly alert: AlertState | undefined };

/** In quarters: what nobody can see is not drawn again. */
const radiusOf = (rate: number, scale: number) => Math.round(Math.max(2.2, Math.sqrt(rate) * scale) * 4) / 4;

function stepOfPort(port: PortSummary): Step {
  return isInBand(port)
    ? stepOf(Math.max(-14.9, Math.min(14.9, deviationPercent(port.rate, port.expected) ?? 0)))
    : stepOf(deviationPercent(port.rate, port.expected));
}

function Dot({ state, projection, scale }: { state: DotState; projection: Projection; scale: number }) {
  const place = PORTS.find(({ code }) => code === state.port.port);
  if (place === undefined) return null;
  const { rate } = state.port;
  const x = projection.x(place.lon);
  const y = projection.y(place.lat);
  const radius = rate === null ? 4 : rate === 0 ? 3.6 : radiusOf(rate, scale);
  const hasRing = state.alert !== undefined && state.alert.severity !== 'info';
  const isBig = radius > 5;
  return (
    // A dot is a short cut for the pointer; every port has a link in the table.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above.
    <g class="dot" onClick={() => go('port', place.code)}>
      {hasRing && (
        <circle cx={x} cy={y} r={radius + (isBig ? 3.2 : 2.4)} fill="none" stroke="var(--alarm)" stroke-width="1.6" />
      )}
      {rate === null && (
        <circle
          cx={x}
          cy={y}
          r="4"
          fill="var(--surface)"
          stroke="var(--ink-2)"
          stroke-width="1.3"
          stroke-dasharray="2 1.6"
        />
      )}
      {rate === 0 && (
        <g stroke="var(--ink)" stroke-width="1.3">
          <circle cx={x} cy={y} r="3.6" fill="var(--surface)" />
          <path d={`M${x - 3.6} ${y}h7.2`} />
        </g>
      )}
      {rate !== null && rate > 0 && (
        <circle
          cx={x}
          cy={y}
          r={radius}
          fill={`var(--dev-${stepOfPort(state.port)})`}
          fill-opacity={isBig ? 0.86 : 1}
          stroke="var(--surface)"
          stroke-width={isBig ? 1 : 0.7}
        />
      )}
      <circle cx={x} cy={y} r={Math.max(8, radius)} fill="transparent" />
    </g>
  );
}

/** The parts that follow the figures, each by itself: coast, lines and legend are drawn once. */
function Dots({
  dots,
  projection,
  scale,
}: {
  dots: ReadonlySignal<readonly DotState[]>;
  projection: Projection;
  scale: number;
}) {
  const { x, y, width, height } = projection.frame;
  const isInside = (code: string) => {
    const place = PORTS.find((port) => port.code === code);
    return (
      place !== undefined &&
      projection.x(place.lon) > x - 8 &&
      projection.x(place.lon) < x + width + 8 &&
      projection.y(place.lat) > y - 8 &&
      projection.y(place.lat) < y + height + 8
    );
  };
  return (
    <g>
      {dots.value
        .filter((dot) => isInside(dot.port.port))
        .map((dot) => (
          <Dot key={dot.port.port} state={dot} projection={projection} scale={scale} />
        ))}
    </g>
  );
}

function Value({ code }: { code: string }) {
  const { live } = usePage();
  return (
    <tspan class="plv" dx="4">
      {whole(live.port(code).value?.rate ?? null)}
    </tspan>
  );
}

function Name({ label, projection, hasValue }: { label: Label; projection: Projection; hasValue: boolean }) {
  const place = PORTS.find(({ code }) => code === label.code);
  if (place === undefined) return null;
  const lang = language.value;
  const full = portName(place.code, lang);
  // On the small chart the long name would leave the frame; the inset has it in full.
  const name = projection === MAIN && place.code === 'CNNGB' && lang === 'en' ? 'Ningbo' : full;
  return (
    <text
      x={projection.x(place.lon) + label.dx}
      y={projection.y(place.lat) + label.dy}
      class={label.isLarge === true ? 'pl b' : 'pl'}
      text-anchor={label.anchor}
    >
      {name}
      {label.isLarge === true && hasValue && <Value code={place.code} />}
    </text>
  );
}

function Lines({ projection, stepDegrees }: { projection: Projection; stepDegrees: number }) {
  const { x, y, width, height } = projection.frame;
  const range = (from: number, to: number) => {
    const first = Math.ceil(from / stepDegrees) * stepDegrees;
    return Array.from(
      { length: Math.max(0, Math.floor((to - first) / stepDegrees) + 1) },
      (_, index) => first + index * stepDegrees,
    );
  };
  return (
    <>
      {range(projection.lonAt(x), projection.lonAt(x + width)).map((lon) => (
        <path key={`x${lon}`} d={`M${projection.x(lon)} ${y}v${height}`} class="grat" />
      ))}
      {range(projection.latAt(y + height), projection.latAt(y)).map((lat) => (
        <path key={`y${lat}`} d={`M${x} ${projection.y(lat)}h${width}`} class="grat" />
      ))}
    </>
  );
}

/** The black and white border of a chart: one degree a piece. */
function Border() {
  const { x, y, width, height } = MAIN.frame;
  const pieces: string[] = [];
  for (let lon = 106; lon < 127; lon += 2)
    pieces.push(
      `M${MAIN.x(lon)} ${y - 3}H${Math.min(MAIN.x(lon + 1), x + width)}M${MAIN.x(lon)} ${y + height + 3}H${Math.min(MAIN.x(lon + 1), x + width)}`,
    );
  for (let lat = 16; lat < 43; lat += 2) {
    const from = Math.min(MAIN.y(lat), y + height);
    const to = Math.max(MAIN.y(lat + 1), y);
    if (from > to) pieces.push(`M${x - 3} ${from}V${to}M${x + width + 3} ${from}V${to}`);
  }
  return (
    <>
      <rect x={x} y={y} width={width} height={height} class="neat" />
      <rect x="2" y="2" width={WIDTH - 4} height={HEIGHT - 4} class="neat2" />
      <path d={pieces.join('')} class="scale" stroke-width="3" />
      {[110, 115].map((lon) => (
        <text key={lon} x={MAIN.x(lon) + 3} y={y + height - 4} class="deg">
          {lon}°E
        </text>
      ))}
      {[20, 25, 30].map((lat) => (
        <text key={lat} x={x + 3} y={MAIN.y(lat) - 3} class="deg">
          {lat}°N
        </text>
      ))}
    </>
  );
}

const SEAS = [
  { key: 'bohai', x: 270.4, y: 105.9, spacing: '1px' },
  { key: 'yellow', x: 342.4, y: 189.4, spacing: '2px' },
  { key: 'east', x: 344.2, y: 361.2, spacing: '2px' },
  { key: 'south', x: 105.1, y: 551.8, spacing: '2px' },
] as const;

const DEVIATION_STEPS: readonly Step[] = ['n3', 'n2', 'n1', '0', 'p1', 'p2', 'p3'];
const STEP_EDGES = ['−15', '−5', '−2', '+2', '+5', '+15 %'];

function Legend() {
  const w = words.value;
  return (
    <g>
      <text x="16" y="186" class="b">
        {w.rateAgainstExpected}
      </text>
      {DEVIATION_STEPS.map((step, index) => (
        <rect key={step} x={16 + index * 25} y="192" width="24" height="9" fill={`var(--dev-${step})`} />
      ))}
      {STEP_EDGES.map((edge, index) => (
        <text key={edge} x={40.5 + index * 25} y="213" class="axis" text-anchor="middle">
          {edge}
        </text>
      ))}
      {[
        { rate: 100, x: 28, text: '100' },
        { rate: 1000, x: 66, text: '1k' },
        { rate: 3000, x: 108, text: `3k ${w.unitRate}` },
      ].map(({ rate, x, text }) => (
        <g key={rate}>
          <circle cx={x} cy="335" r={radiusOf(rate, 0.23)} fill="none" stroke="var(--ink-2)" />
          <text x={x + radiusOf(rate, 0.23) + 4} y="339" class="axis">
            {text}
          </text>
        </g>
      ))}
      <circle cx="28" cy="359" r="5.4" fill="none" stroke="var(--alarm)" stroke-width="1.6" />
      <circle cx="28" cy="359" r="2.4" fill="var(--dev-0)" />
      <text x="38" y="363" class="axis">
        {w.incident}
      </text>
      <g stroke="var(--ink)" stroke-width="1.3">
        <circle cx="92" cy="359" r="3.6" fill="var(--surface)" />
        <path d="M88.4 359h7.2" />
      </g>
      <text x="100" y="363" class="axis">
        {w.zero}
      </text>
      <circle
        cx="138"
        cy="359"
        r="4"
        fill="var(--surface)"
        stroke="var(--ink-2)"
        stroke-width="1.3"
        stroke-dasharray="2 1.6"
      />
      <text x="147" y="363" class="axis">
        {w.noData}
      </text>
    </g>
  );
}

function Inset({
  name,
  projection,
  labels,
  dots,
  shape,
}: {
  name: string;
  projection: Projection;
  labels: readonly Label[];
  dots: ReadonlySignal<readonly DotState[]>;
  shape: (typeof SHAPES)[number] | undefined;
}) {
  const { x, y, width, height } = projection.frame;
  const clip = `clip-${name}`;
  return (
    <g>
      <clipPath id={clip}>
        <rect x={x} y={y} width={width} height={height} />
      </clipPath>
      <g clip-path={`url(#${clip})`}>
        <rect x={x} y={y} width={width} height={height} fill="var(--sea)" />
        <path d={shape?.land} fill="none" stroke="var(--sea-shallow)" stroke-width="18" stroke-linejoin="round" />
        <Lines projection={projection} stepDegrees={1} />
        <path d={shape?.land} fill="var(--land)" stroke="var(--coast)" stroke-width="0.9" stroke-linejoin="round" />
        <path d={shape?.river} fill="none" stroke="var(--sea-shallow)" stroke-width="5" stroke-linejoin="round" />
        <Dots dots={dots} projection={projection} scale={0.253} />
        {labels.map((label) => (
          <Name key={label.code} label={label} projection={projection} hasValue={label.code !== 'CNCAN'} />
        ))}
      </g>
      <rect x={x} y={y} width={width} height={height} fill="none" stroke="var(--ink-3)" />
      <text x={name === 'A' ? x + 6 : x + width - 12} y={y + 14} class="insetkey">
        {name}
      </text>
    </g>
  );
}

function InsetBox({ name, projection }: { name: string; projection: Projection }) {
  const { x, y, width, height } = projection.frame;
  const left = MAIN.x(projection.lonAt(x));
  const top = MAIN.y(projection.latAt(y));
  return (
    <>
      <rect
        x={left}
        y={top}
        width={MAIN.x(projection.lonAt(x + width)) - left}
        height={MAIN.y(projection.latAt(y + height)) - top}
        class="insetbox"
      />
      <text x={left - 4} y={top + 10} class="insetkey" text-anchor="end">
        {name}
      </text>
    </>
  );
}

export function PortMap() {
  const { live } = usePage();
  const w = words.value;
  const dots = useComputed(() => {
    const worst = new Map<string, AlertState>();
    for (const alert of byUrgency(live.alerts.value.values()).reverse())
      if (alert.status !== 'pending') worst.set(alert.port, alert);
    return PORTS.flatMap(({ code }): DotState[] => {
      const port = live.port(code).value;
      return port === null ? [] : [{ port, alert: worst.get(code) }];
      // Small ones over large ones, by what is expected: rates change places four times a second.
    }).sort((a, b) => (b.port.expected ?? 0) - (a.port.expected ?? 0));
  });
  const { x, y, width, height } = MAIN.frame;
  const pearl = { x: MAIN.x(113.3), y: MAIN.y(22.75) };
  return (
    <svg
      class="map"
      preserveAspectRatio="xMidYMin meet"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={w.mapOf(PORTS.length)}
    >
      <clipPath id="clip-main">
        <rect x={x} y={y} width={width} height={height} />
      </clipPath>
      <g clip-path="url(#clip-main)">
        <rect x={x} y={y} width={width} height={height} fill="var(--sea)" />
        <path d={SHAPES[0]?.land} fill="none" stroke="var(--sea-shallow)" stroke-width="13" stroke-linejoin="round" />
        <Lines projection={MAIN} stepDegrees={5} />
        <path d={SHAPES[0]?.land} fill="var(--land)" stroke="var(--coast)" stroke-width="0.8" stroke-linejoin="round" />
        <path d={SHAPES[0]?.river} fill="none" stroke="var(--sea-shallow)" stroke-width="2.6" stroke-linejoin="round" />
        {SEAS.map((sea) => (
          <text key={sea.key} x={sea.x} y={sea.y} class="seaname" style={{ letterSpacing: sea.spacing }}>
            {w.seas[sea.key]}
          </text>
        ))}
        <InsetBox name="A" projection={YANGTZE} />
        <InsetBox name="B" projection={PEARL} />
        <Dots dots={dots} projection={MAIN} scale={0.23} />
        {MAIN_LABELS.map((label) => (
          <Name
            key={label.code}
            label={label}
            projection={MAIN}
            hasValue={label.code !== 'CNSHA' && label.code !== 'CNNGB'}
          />
        ))}
        <path d={`M${pearl.x} ${pearl.y - 2}V${pearl.y - 12}h-3`} stroke="var(--ink-3)" stroke-width=".7" fill="none" />
        <text x={pearl.x - 5} y={pearl.y - 9} class="pl b" text-anchor="end">
          {clusterName('pearl', language.value)}
        </text>
      </g>
      <Border />
      <Inset name="A" projection={YANGTZE} labels={YANGTZE_LABELS} dots={dots} shape={SHAPES[1]} />
      <Inset name="B" projection={PEARL} labels={PEARL_LABELS} dots={dots} shape={SHAPES[2]} />
      <Legend />
    </svg>
  );
}
