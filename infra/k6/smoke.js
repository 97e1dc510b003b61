/**
 * Load, first scenario: 200 clients look at the overview for 20 seconds. Latency and gaps have thresholds; k6 exits 99 when one is crossed.
 * It checks the wire (packages/contracts/src/wire.ts) from outside: what a frame means is not its matter.
 *
 * Run by `npm run load -- smoke [-e TOKEN=…] [-e CLIENTS=200] [-e SECONDS=20]`. BASE_URL is set by the command.
 */
import { check } from 'k6';
import exec from 'k6/execution';
import { Counter, Rate, Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';

const baseUrl = __ENV.BASE_URL || 'http://127.0.0.1:8080';
const socketUrl = `${baseUrl.replace(/^http/, 'ws').replace(/\/$/, '')}/ws`;
const token = __ENV.TOKEN || __ENV.QUAYWATCH_TOKEN || '';
const clients = Number(__ENV.CLIENTS || 200);
const seconds = Number(__ENV.SECONDS || 20);
/** Clients arrive over this long, as people do; a burst of handshakes is another scenario. */
const arriveSeconds = Math.min(5, seconds / 4);
const channels = ['overview', 'status', 'alerts'];
const protocolVersion = 1;
const subprotocol = 'quaywatch.v1.json';

/** From the log time of a frame's newest record (its arrival in Kafka) to the client. Only live news counts, so overview only. */
const latency = new Trend('quaywatch_latency_ms', true);
const frames = new Counter('quaywatch_frames');
/** Frames whose `prev` is not the cursor that the client stands at. */
const gaps = new Counter('quaywatch_gaps');
const opened = new Rate('quaywatch_opened');
const welcomed = new Rate('quaywatch_welcomed');
const errors = new Counter('quaywatch_errors');

export const options = {
  scenarios: {
    watchers: {
      executor: 'per-vu-iterations',
      vus: clients,
      iterations: 1,
      maxDuration: `${seconds + arriveSeconds + 15}s`,
      gracefulStop: '5s',
    },
  },
  thresholds: {
    ws_connecting: ['p(95)<1000'],
    quaywatch_latency_ms: ['p(95)<1500', 'p(99)<3000'],
    quaywatch_gaps: ['count==0'],
    quaywatch_errors: ['count==0'],
    quaywatch_opened: ['rate>0.999'],
    quaywatch_welcomed: ['rate>0.999'],
    quaywatch_frames: [`count>${clients * seconds}`],
  },
  summaryTrendStats: ['min', 'med', 'p(90)', 'p(95)', 'p(99)', 'max'],
};

function onSnapshot(cursors, message) {
  cursors[message.channel] = { seq: message.seq, epoch: message.epoch, asOfMs: message.as_of_ms };
}

function onFrame(cursors, message) {
  const before = cursors[message.channel];
  cursors[message.channel] = { seq: message.seq, epoch: message.epoch, asOfMs: message.as_of_ms };
  frames.add(1, { channel: message.channel });
  // A new epoch begins with a snapshot: a frame that changes it has skipped one.
  if (before === undefined || before.seq !== message.prev || before.epoch !== message.epoch) {
    gaps.add(1, { channel: message.channel });
  }
  // The first frame with a log time brings that record; later ones with the same time bring something older.
  if (message.channel === 'overview' && message.as_of_ms > (before?.asOfMs ?? message.as_of_ms)) {
    latency.add(Math.max(0, Date.now() - message.as_of_ms));
  }
}

function onMessage(socket, cursors, message) {
  switch (message.t) {
    case 'welcome':
      welcomed.add(true);
      channels.forEach((channel, index) => {
        socket.send(JSON.stringify({ t: 'sub', id: index + 1, channel }));
      });
      return;
    case 'snapshot':
      onSnapshot(cursors, message);
      return;
    case 'frame':
      onFrame(cursors, message);
      return;
    case 'error':
    case 'bye':
      errors.add(1);
      console.error(`${message.t}: ${message.code} ${message.message || ''}`);
      return;
    default:
  }
}

export default function watch() {
  const waitMs = ((exec.vu.idInTest - 1) / clients) * arriveSeconds * 1000;
  setTimeout(() => {
    const cursors = {};
    let isOpen = false;
    let isLeaving = false;
    const socket = new WebSocket(socketUrl, subprotocol);
    socket.onopen = () => {
      isOpen = true;
      opened.add(true);
      const hello = { t: 'hello', v: protocolVersion };
      socket.send(JSON.stringify(token === '' ? hello : { ...hello, token }));
      setTimeout(() => {
        isLeaving = true;
        check(cursors, {
          'has a snapshot of every channel': (all) => channels.every((name) => all[name] !== undefined),
        });
        socket.close();
      }, seconds * 1000);
    };
    socket.onmessage = (event) => onMessage(socket, cursors, JSON.parse(event.data));
    socket.onerror = (event) => {
      if (!isOpen) opened.add(false);
      else if (!isLeaving) errors.add(1);
      console.error(`socket: ${event.error}`);
    };
    socket.onclose = (event) => {
      if (isLeaving) return;
      if (isOpen) errors.add(1);
      console.error(`closed by the gateway: ${event.code}`);
    };
  }, waitMs);
}
