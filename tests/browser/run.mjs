// Runs all journeys, or those whose name contains a word: `node run.mjs [WORD]`. The portal and the mail catcher are found
// by PORTICO_TEST_URL and PORTICO_TEST_MAIL_URL (scripts/with-portal sets them), the browser by PORTICO_CHROMIUM.
// Screenshots go to target/browser. The last line is "N passed, N failed".
import { readdir } from 'node:fs/promises';
import { close, everybodyLeaves, open } from './harness.mjs';

// A journey that hangs must not hang the run.
const LIMIT = 600_000;

// The message without the browser's own chatter, and where in our files it happened.
function brief(problem) {
  const [message, ...frames] = String(problem.stack ?? problem).split('\n    at ');
  const ours = frames.filter((frame) => frame.includes('/journeys/')).map((frame) => `at ${frame.trim()}`);
  return [...message.split('\n').slice(0, 25), ...ours].join('\n  ');
}

const word = process.argv[2] ?? '';
const folder = new URL('./journeys/', import.meta.url);
const journeys = [];
for (const file of (await readdir(folder)).filter((name) => name.endsWith('.mjs')).sort()) {
  for (const [name, journey] of Object.entries(await import(new URL(file, folder)))) {
    if (name.includes(word)) journeys.push([name, journey]);
  }
}

let passed = 0;
let failed = 0;
console.log(`Chromium ${await open()}, ${journeys.length} journeys`);
for (const [name, journey] of journeys) {
  const started = Date.now();
  let problem;
  try {
    let timer;
    const limit = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not finished after ${LIMIT / 1000} s`)), LIMIT);
    });
    await Promise.race([journey(), limit]).finally(() => clearTimeout(timer));
  } catch (error) {
    problem = error;
  }
  try {
    await everybodyLeaves(problem);
  } catch (error) {
    problem ??= error;
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (problem) {
    failed += 1;
    console.log(`FAILED ${name} (${seconds} s)\n  ${brief(problem)}`);
  } else {
    passed += 1;
    console.log(`ok ${name} (${seconds} s)`);
  }
}
await close();
if (!journeys.length) failed += 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
