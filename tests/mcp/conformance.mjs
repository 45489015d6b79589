// Runs the official MCP conformance suites against our protocol layer: a server made of it, with
// the fixtures that the suites expect (tests/conformance).
//   node tests/mcp/conformance.mjs [SCENARIO…]      only these scenarios, with their output
// CONFORMANCE_SERVER: another binary than that of the release build.
//
// There is no list of expected failures. What fails, warns, is skipped or checks nothing has failed;
// left out are only extensions that we don't speak. Ends with "N passed, N failed" over all checks.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const node22 = path.join(here, 'node_modules/.bin/node');
const suite = (name) => path.join(here, 'node_modules', name, 'dist/index.js');
const binary = path.resolve(
  process.env.CONFORMANCE_SERVER ?? path.join(here, '../../build/release/tests/conformance_server'));
const wanted = process.argv.slice(2);

// `list` names the scenarios that `run` must bring results of.
const released = suite('@modelcontextprotocol/conformance');
const next = suite('conformance-next');
const runs = [
  { name: 'released suite', program: released, list: ['--server'], run: ['--suite', 'all'], version: [] },
  ...['2025-11-25', '2026-07-28'].map((revision) => ({
    name: `next suite, ${revision}`,
    program: next,
    list: ['--requirements', revision],
    run: ['--requirements', revision],
    version: ['--spec-version', revision],
  })),
];
const runMillisMax = 300_000;

const results = fs.mkdtempSync(path.join(os.tmpdir(), 'rogerthat-conformance-'));
let server;
process.on('exit', () => {
  server?.kill('SIGKILL');
  fs.rmSync(results, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

function execute(program, args) {
  return new Promise((resolve) => {
    const options = { timeout: runMillisMax, maxBuffer: 1 << 26 };
    execFile(node22, [program, ...args], options, (error, stdout, stderr) =>
      resolve({ error, output: stdout + stderr }));
  });
}

// Its URL, once it has printed its port, and the promise of how it ends.
async function startServer() {
  server = spawn(binary, ['--shards', '2'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = once(server, 'close').then(([code, signal]) => signal ?? code);
  const [line] = await Promise.race([once(server.stdout, 'data'), end.then(endedEarly)]);
  return { url: `http://localhost:${Number(line)}/mcp`, end };
}

function endedEarly(how) {
  throw new Error(`${binary} has ended by itself (${how})`);
}

// What `list` prints: headings, and below them "  - SCENARIO" or, where nothing depends on it,
// "    - SCENARIO [server]" below its reason.
function scenariosIn(listing) {
  const scenarios = [];
  let heading = '';
  for (const line of listing.split('\n')) {
    const [, scenario, marks = ''] = line.match(/^ +- ([^ ]+)(?: \[(.*)\])?$/) ?? [];
    if (scenario === undefined) {
      if (line.trim() !== '') heading = line.trim();
    } else if (heading.startsWith('Server scenarios') ? marks !== 'extension'
      : marks === 'server' && !heading.startsWith('extension')) {
      scenarios.push(scenario);
    }
  }
  return scenarios;
}

function readChecks(directory) {
  const found = new Map();
  for (const name of fs.readdirSync(directory)) {
    const [, scenario] = name.match(/^server-(.+)-\d{4}-\d\d-\d\dT[^/]*$/) ?? [];
    const file = path.join(directory, name, 'checks.json');
    if (scenario && fs.existsSync(file)) found.set(scenario, JSON.parse(fs.readFileSync(file, 'utf8')));
  }
  return found;
}

// Counts one suite: {passed, failed: [sentence]}.
function judge(scenarios, found) {
  let passed = 0;
  const failed = [];
  for (const scenario of scenarios) {
    const checks = (found.get(scenario) ?? []).filter(({ status }) => status !== 'INFO');
    if (checks.length === 0) failed.push(`${scenario}: nothing was checked`);
    for (const { status, name, description, errorMessage } of checks) {
      if (status === 'SUCCESS') passed += 1;
      else failed.push(`${scenario}: ${name}: ${status}: ${errorMessage ?? description}`);
    }
  }
  return { passed, failed };
}

async function runSuite({ name, program, list, run }, url) {
  const started = Date.now();
  const directory = fs.mkdtempSync(path.join(results, 'run-'));
  const scenarios = scenariosIn((await execute(program, ['list', ...list])).output);
  const { error, output } = await execute(program, ['server', '--url', url, '-o', directory, ...run]);
  const verdict = judge(scenarios, readChecks(directory));
  if (scenarios.length === 0) verdict.failed.push('the suite lists no scenario');
  // Its own verdict counts, too, where ours finds nothing wrong.
  if (error && verdict.failed.length === 0) verdict.failed.push(`${error.message}\n${output.slice(-4000)}`);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${name}: ${scenarios.length} scenarios, ${verdict.passed} checks passed, ${verdict.failed.length} failed (${seconds} s)`);
  for (const sentence of verdict.failed) console.log(`  failed: ${sentence}`);
  return verdict;
}

// For a closer look: the suites' own words, with everything that was sent and received.
async function runScenario(scenario, { name, program, list, version }, url) {
  if (!scenariosIn((await execute(program, ['list', ...list])).output).includes(scenario)) return { passed: 0, failed: [] };
  const directory = fs.mkdtempSync(path.join(results, 'run-'));
  const { output } = await execute(program, ['server', '--url', url, '-o', directory, '--scenario', scenario, '--verbose', ...version]);
  console.log(`--- ${scenario}, ${name}\n${output}`);
  return judge([scenario], readChecks(directory));
}

const { url, end } = await startServer();
const verdicts = await Promise.race([end.then(endedEarly), Promise.all(wanted.length === 0
  ? runs.map((run) => runSuite(run, url))
  : wanted.flatMap((scenario) => runs.map((run) => runScenario(scenario, run, url))))]);

server.kill('SIGTERM');
const how = await end;
verdicts.push(how === 0 ? { passed: 1, failed: [] } : { passed: 0, failed: ['the end of the server'] });
if (how !== 0) console.log(`failed: the server ended with ${how}`);

const passed = verdicts.reduce((sum, verdict) => sum + verdict.passed, 0);
const failed = verdicts.reduce((sum, verdict) => sum + verdict.failed.length, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
