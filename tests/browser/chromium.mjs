// Drives a headless Chromium over the DevTools protocol through a pipe (file descriptors 3 and 4): no WebSocket, no dependency.
//   const browser = await openBrowser(path); const page = await browser.page({width, height}); await page.goto(url); …; await browser.close();
// Each browser has its own profile in a temporary folder. A page records every request, console error, exception and log entry.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const FLAGS = ['--headless=new', '--remote-debugging-pipe', '--no-sandbox', '--disable-gpu', '--no-first-run', '--no-default-browser-check', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-extensions', '--disable-dev-shm-usage', '--mute-audio', '--hide-scrollbars', '--force-device-scale-factor=1'];
const ANSWER_MS = 60000; // a page on a loaded machine is slow; what hangs ends here

// The first of $CHROMIUM and the usual names that exists, or null.
export function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [process.env.CHROMIUM, ...names.flatMap((name) => folders.map((folder) => join(folder, name)))];
  return candidates.find((path) => path && existsSync(path)) ?? null;
}

export async function openBrowser(path, { language = 'en-US' } = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'parcela-browser-'));
  const child = spawn(path, [...FLAGS, `--lang=${language}`, `--accept-lang=${language}`, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], env: { ...process.env, LANGUAGE: language.slice(0, 2) },
  });
  const connection = connect(child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    version: async () => (await connection.send('Browser.getVersion')).product,
    page: (options) => openPage(connection, options),
    async close() {
      await connection.send('Browser.close').catch(() => child.kill('SIGKILL'));
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5000).unref())]);
      child.kill('SIGKILL');
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

// Messages are JSON ended by a NUL.
function connect(child) {
  const [output, input] = [child.stdio[3], child.stdio[4]];
  const waiting = new Map();
  const listeners = new Set();
  let last = 0;
  let rest = [];
  const failAll = (why) => {
    for (const { reject } of waiting.values()) reject(new Error(why));
    waiting.clear();
  };
  child.once('error', (error) => failAll(`chromium did not start: ${error.message}`));
  child.once('exit', (code) => failAll(`chromium ended with ${code}`));
  output.on('error', () => failAll('chromium closed its pipe'));
  input.on('data', (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, from)) {
      rest.push(chunk.subarray(from, at));
      take(JSON.parse(Buffer.concat(rest).toString('utf8')));
      rest = [];
      from = at + 1;
    }
    rest.push(chunk.subarray(from));
  });

  function take(message) {
    const call = waiting.get(message.id);
    if (call) {
      waiting.delete(message.id);
      if (message.error) call.reject(new Error(`${call.method}: ${message.error.message}`));
      else call.resolve(message.result);
    } else if (message.method) {
      for (const listener of listeners) listener(message);
    }
  }

  return {
    onEvent: (listener) => listeners.add(listener),
    send(method, params = {}, sessionId = undefined) {
      return new Promise((resolve, reject) => {
        const id = ++last;
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`${method}: no answer in ${ANSWER_MS} ms`));
        }, ANSWER_MS);
        const settle = (f) => (value) => {
          clearTimeout(timer);
          f(value);
        };
        waiting.set(id, { method, resolve: settle(resolve), reject: settle(reject) });
        output.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      });
    },
  };
}

async function openPage(connection, { width = 1400, height = 900, mobile = false, languages = null } = {}) {
  const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
  const send = (method, params) => connection.send(method, params, sessionId);
  const seen = { requests: [], failures: [], problems: [] };
  connection.onEvent(({ sessionId: from, method, params }) => {
    if (from !== sessionId) return;
    if (method === 'Network.requestWillBeSent') seen.requests.push(params.request.url);
    if (method === 'Network.responseReceived' && params.response.status >= 400) seen.failures.push(`${params.response.status} ${params.response.url}`);
    if (method === 'Runtime.exceptionThrown') seen.problems.push(`exception: ${params.exceptionDetails.exception?.description ?? params.exceptionDetails.text}`);
    if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(params.type)) {
      seen.problems.push(`console.${params.type}: ${params.args.map((arg) => arg.value ?? arg.description).join(' ')}`);
    }
    if (method === 'Log.entryAdded' && (params.entry.level === 'error' || params.entry.source === 'security')) seen.problems.push(`${params.entry.source}: ${params.entry.text} ${params.entry.url ?? ''}`);
    if (method === 'Audits.issueAdded' && params.issue.code === 'ContentSecurityPolicyIssue') seen.problems.push(`CSP: ${JSON.stringify(params.issue.details)}`);
  });
  for (const domain of ['Page', 'Network', 'Runtime', 'Log', 'Audits']) await send(`${domain}.enable`);
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
  if (languages) {
    const list = JSON.stringify(languages);
    await send('Page.addScriptToEvaluateOnNewDocument', { source: `Object.defineProperty(navigator,'languages',{get:()=>${list}});Object.defineProperty(navigator,'language',{get:()=>${list}[0]});` });
  }

  async function evaluate(expression) {
    const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }
  // Until the expression is true (twice as long as one answer may take); says what it waited for.
  async function until(expression, what = expression) {
    const end = Date.now() + 2 * ANSWER_MS;
    while (Date.now() < end) {
      const value = await evaluate(expression).catch(() => false);
      if (value) return value;
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    throw new Error(`waited in vain for ${what}`);
  }
  const mouse = (type, x, y, more = {}) => send('Input.dispatchMouseEvent', { type, x, y, ...more });
  return {
    seen, send, evaluate, until,
    async goto(url) {
      await send('Page.navigate', { url });
      await until('document.readyState === "complete"', `${url} to load`);
    },
    async click(x, y) {
      await mouse('mouseMoved', x, y);
      await mouse('mousePressed', x, y, { button: 'left', clickCount: 1 });
      await mouse('mouseReleased', x, y, { button: 'left', clickCount: 1 });
    },
    move: (x, y) => mouse('mouseMoved', x, y),
    async clickOn(selector) {
      const at = await evaluate(`(() => { const node = document.querySelector(${JSON.stringify(selector)}); node.scrollIntoView({block: 'nearest'});
        const box = node.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()`);
      await this.click(at[0], at[1]);
    },
    async press(key) {
      const codes = { Enter: 13, Escape: 27, Tab: 9 };
      const text = key === 'Enter' ? '\r' : undefined;
      await send('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key, windowsVirtualKeyCode: codes[key], text });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key, windowsVirtualKeyCode: codes[key] });
    },
    async screenshot({ whole = false } = {}) {
      const { data } = await send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
      return Buffer.from(data, 'base64');
    },
    close: () => connection.send('Target.closeTarget', { targetId }),
  };
}
