import { expect, test } from 'vitest';
import { createCommits } from './commits.ts';

function start() {
  const commits: (readonly number[])[] = [];
  const frames: (() => void)[] = [];
  const timers: (() => void)[] = [];
  const add = createCommits<number>((items) => commits.push(items), {
    onFrame: (run) => frames.push(run),
    after: (run) => timers.push(run),
  });
  const runAll = (list: (() => void)[]) => {
    for (const run of list.splice(0)) run();
  };
  return { add, commits, onFrame: () => runAll(frames), onTimer: () => runAll(timers) };
}

test('what comes between two frames is one commit, in order', () => {
  const { add, commits, onFrame } = start();
  for (const item of [1, 2, 3]) add(item);
  expect(commits).toEqual([]);
  onFrame();
  add(4);
  onFrame();
  expect(commits).toEqual([[1, 2, 3], [4]]);
});

test('without frames a timer commits, and a frame that comes after it has nothing left', () => {
  const { add, commits, onFrame, onTimer } = start();
  add(1);
  add(2);
  onTimer();
  onFrame();
  expect(commits).toEqual([[1, 2]]);
});

test('a timer that is late neither repeats nor loses what came meanwhile', () => {
  const { add, commits, onFrame, onTimer } = start();
  add(1);
  onFrame();
  add(2);
  onTimer();
  onFrame();
  expect(commits).toEqual([[1], [2]]);
});
