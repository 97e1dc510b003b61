/**
 * What a Node process holds after its heap was collected, asked of its inspector (Chrome DevTools Protocol, domains HeapProfiler and Runtime;
 * the process was started with `--inspect=127.0.0.1:PORT`). Resident memory would say when V8 last felt like collecting.
 */
import { promise } from './fault.ts';

type Answer = { readonly id?: number; readonly result?: { readonly result?: { readonly value?: unknown } } };

/** @returns bytes of heap, buffers and whatever else V8 knows of outside of its heap, in MB. */
export async function heldMbOf(inspectorPort: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${inspectorPort}/json/list`);
  const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
  const answers = new Map<number, (answer: Answer) => void>();
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => {});
  socket.onclose = () => gone.reject(new Error('The inspector has closed the connection.'));
  socket.onmessage = ({ data }) => {
    const answer: Answer = JSON.parse(String(data));
    answers.get(answer.id ?? 0)?.(answer);
  };
  const ask = async (method: string, params: object = {}): Promise<Answer> => {
    const id = answers.size + 1;
    const answer = new Promise<Answer>((resolve) => answers.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    return Promise.race([answer, gone.promise]);
  };
  try {
    await Promise.race([new Promise((resolve) => socket.addEventListener('open', resolve)), gone.promise]);
    // What the first collection lets go of outside of the heap is given back by the second one.
    await ask('HeapProfiler.collectGarbage');
    await ask('HeapProfiler.collectGarbage');
    const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';
    const held = (await ask('Runtime.evaluate', { expression, returnByValue: true })).result?.result?.value;
    promise(typeof held === 'number', `the inspector does not say what is held: ${String(held)}`);
    return Number(held) / 1_048_576;
  } finally {
    socket.close();
  }
}
