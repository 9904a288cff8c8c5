// Importing from the page: files dropped or picked (the parts of a shapefile together), a dry run with its report, then commit or
// discard. Needs an editor's token, which is kept in this page's memory only.
import { byId, el, replace } from './dom.js';
import { currentLanguage, date, hectares, number, percent, t } from './i18n.js';

const EXAMPLES = 5; // findings of one code that are shown
const CANDIDATES = 5; // coordinate systems that are offered
const POLL_MS = 700;

let limits = null;
let job = null; // the last answer of the server
let chosen = [];
let failure = null;
let sending = false;
let timer = null;
let changed = false; // something was imported: the map is loaded anew when the dialog closes

// on.committed(): the registry has changed; programmes(): [{code, name}] to choose from.
export function createImports(on, programmes) {
  const dialog = byId('imports');
  const token = el('input', { type: 'password', id: 'import-token', autocomplete: 'off', spellcheck: 'false' });
  const programme = el('input', { type: 'text', id: 'import-programme', list: 'import-programmes', autocomplete: 'off' });
  const picker = el('input', { type: 'file', id: 'import-files', multiple: true, onchange: () => choose(picker.files) });
  const skip = el('input', { type: 'checkbox', id: 'import-skip' });

  async function ask(method, path, body) {
    let answer;
    try {
      answer = await fetch(path, { method, body, headers: { Authorization: `Bearer ${token.value.trim()}`, Accept: 'application/json', 'Accept-Language': currentLanguage() }, cache: 'no-store' });
    } catch {
      throw new Error(t('noAnswer'));
    }
    const said = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error([said.detail ?? said.title ?? `HTTP ${answer.status}`, said.remedy].filter(Boolean).join(' – '));
    return said;
  }

  async function attempt(work) {
    failure = null;
    try {
      await work();
    } catch (error) {
      failure = error.message;
    }
    render();
  }

  function choose(files) {
    chosen = [...files];
    job = failure = null;
    render();
  }

  // crs: chosen among the candidates of a refusal
  const send = (crs) => attempt(async () => {
    const form = new FormData();
    for (const file of chosen) form.append('file', file, file.name);
    const query = new URLSearchParams({ ...(programme.value.trim() && { programme: programme.value.trim() }), ...(crs && { crs }) });
    sending = true;
    render();
    try {
      job = await ask('POST', `/imports?${query}`, form);
    } finally {
      sending = false;
    }
    watch();
  });

  function watch() {
    clearTimeout(timer);
    timer = setTimeout(() => attempt(async () => {
      if (!job) return;
      const asked = job.id;
      const answer = await ask('GET', `/imports/jobs/${asked}`);
      if (job?.id !== asked) return;
      job = answer;
      if (runs(job)) watch();
      else if (job.state === 'committed') {
        changed = true;
        on.committed();
      }
    }), POLL_MS);
  }

  const commit = () => attempt(async () => {
    job = await ask('POST', `/imports/jobs/${job.id}/commit${skip.checked ? '?skip_bad_files=true' : ''}`);
    watch();
  });

  const discard = () => attempt(async () => {
    clearTimeout(timer);
    const answer = await ask('DELETE', `/imports/jobs/${job.id}`);
    job = answer.id ? answer : null;
    if (job) watch();
  });

  // ---- what is seen ----

  function render() {
    const bytes = chosen.reduce((sum, file) => sum + file.size, 0);
    const tooMuch = limits && (bytes > limits.request_body_bytes || chosen.length > limits.upload_files);
    replace(byId('import-chosen'), chosen.slice(0, 12).map((file) => el('li', {}, `${file.name} · ${kilobytes(file.size)}`)),
      chosen.length > 12 ? el('li', {}, `+ ${number(chosen.length - 12)}`) : null);
    replace(byId('import-failed'), failure ?? (tooMuch ? t('imports.tooMuch', { mb: number(limits.request_body_bytes / 1e6), n: number(limits.upload_files) }) : ''));
    byId('import-failed').hidden = !failure && !tooMuch;
    const busy = sending || (job && runs(job));
    replace(byId('import-actions'),
      el('button', { type: 'button', class: 'button', id: 'import-send', disabled: !chosen.length || tooMuch || busy, onclick: () => send() }, t('imports.check')),
      job?.state === 'checked' ? el('button', { type: 'button', class: 'button strong', id: 'import-commit', onclick: commit }, t('imports.commit')) : null,
      job && !['committed', 'reverted'].includes(job.state) ? el('button', { type: 'button', class: 'button', id: 'import-discard', onclick: discard }, t(runs(job) ? 'imports.stop' : 'imports.discard')) : null);
    replace(byId('import-progress'), busy ? progress() : '');
    replace(byId('import-report'), job && !runs(job) ? report() : '');
  }

  function progress() {
    if (sending) return t('imports.sending');
    const parts = [t(`imports.states.${job.state}`, {}, job.state)];
    if (job.blocked) parts.push(t('imports.blocked'));
    if (job.phase) parts.push(t(`imports.phases.${job.phase}`, {}, job.phase));
    if (job.rows_done !== null && job.rows_done !== undefined) parts.push(job.rows_total ? `${number(job.rows_done)} / ${number(job.rows_total)}` : number(job.rows_done));
    if (job.remaining_seconds) parts.push(t('imports.remaining', { s: number(Math.ceil(job.remaining_seconds)) }));
    return parts.join(' · ');
  }

  function report() {
    const r = job.report;
    const state = el('p', { class: 'strong', 'data-state': job.state }, t(`imports.states.${job.state}`, {}, job.state));
    if (job.error) return [state, el('p', {}, job.error.message), candidates() ?? (job.error.remedy && el('p', { class: 'hint' }, job.error.remedy))];
    if (!r) return state;
    const counts = ['rows', 'new', 'revised', 'unchanged', 'held', 'rejected', 'repaired'].map((key) => [el('dt', {}, t(`imports.counts.${key}`)), el('dd', { 'data-count': key }, number(r[key]))]);
    return [state,
      el('dl', {}, counts.flat(), el('dt', {}, t('hectares')), el('dd', { 'data-count': 'hectares' }, hectares(r.hectares_added))),
      job.upload_ends_at ? el('p', { class: 'hint' }, t('imports.kept', { when: date(job.upload_ends_at) })) : null,
      job.state === 'checked' && job.files_unreadable ? el('label', { class: 'check' }, skip, t('imports.skip', { n: number(job.files_unreadable) })) : null,
      el('div', { class: 'import-findings' }, byCode(r.findings).map(([code, list]) => el('details', { open: list[0].severity === 'error' },
        el('summary', {}, el('span', { class: `severity ${list[0].severity}` }, t(`imports.severities.${list[0].severity}`)), ` ${code} · ${number(list.length)}`),
        el('ul', {}, list.slice(0, EXAMPLES).map((one) => el('li', {}, [one.file, one.row ? t('imports.row', { n: one.row }) : null, one.plot].filter(Boolean).join(', '), ': ', one.message)),
          list.length > EXAMPLES ? el('li', {}, `+ ${number(list.length - EXAMPLES)}`) : null),
        list[0].remedy ? el('p', { class: 'hint' }, list[0].remedy) : null)))];
  }

  // The file says no coordinate system, or a wrong one: those that would put its rows where they may be, to send it again.
  function candidates() {
    if (!job.error.candidates?.length || !chosen.length) return null;
    return el('div', { class: 'import-candidates' }, el('p', { class: 'hint' }, t('imports.whichSystem')),
      job.error.candidates.slice(0, CANDIDATES).map(({ crs, name, share }) => el('button', { type: 'button', class: 'button', 'data-crs': crs, onclick: () => send(crs) },
        t('imports.system', { crs, name, share: percent(share, 0) }))));
  }

  function open() {
    replace(byId('import-programmes'), programmes().map(({ code, name }) => el('option', { value: code }, name ?? code)));
    if (!dialog.open) dialog.showModal();
    if (!limits) fetch('/limits').then((answer) => answer.json()).then((all) => (limits = Object.fromEntries(Object.entries(all.limits).map(([key, { value }]) => [key, value])))).then(render).catch(() => {});
    render();
  }

  replace(byId('import-token-label'), el('span', { 'data-t': 'imports.token' }), token);
  replace(byId('import-programme-label'), el('span', { 'data-t': 'programme' }), programme, el('datalist', { id: 'import-programmes' }));
  replace(byId('import-drop'), el('span', { 'data-t': 'imports.drop' }), picker);
  byId('import-open').addEventListener('click', open);
  byId('import-close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => changed && location.reload());
  // Files may be dropped anywhere; without this the browser would open them in place of the page.
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    if (!event.dataTransfer?.files.length || sending || (job && runs(job))) return;
    choose(event.dataTransfer.files);
    open();
  });
  return { render };
}

const runs = (one) => one.state === 'waiting' || one.state === 'running';
const kilobytes = (bytes) => `${number(Math.max(1, Math.round(bytes / 1000)))} kB`;

// Errors first, then warnings, then the rest; within them the most frequent first.
function byCode(findings) {
  const order = ['error', 'warning', 'info'];
  const groups = new Map();
  for (const finding of findings ?? []) groups.set(finding.code, [...(groups.get(finding.code) ?? []), finding]);
  return [...groups].sort(([, a], [, b]) => order.indexOf(a[0].severity) - order.indexOf(b[0].severity) || b.length - a.length);
}
