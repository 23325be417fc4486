// Looks for new comments while the page is visible. It never moves focus, scroll or text by itself: it says
// "2 new comments" and waits for a press.

const EVERY_MS = 30_000;

/**
 * @param {HTMLElement} region holds #comment-list; its data attributes carry the address and the texts
 * @param {{announce: (text: string) => void, traceparent: () => string}} page
 */
export function watch(region, { announce, traceparent }) {
  const { refreshUrl, newOne, newOther, show } = region.dataset;
  const plural = new Intl.PluralRules(document.documentElement.lang);
  let etag = '';
  let waiting = null;
  let notice = null;
  let timer = 0;

  const ids = (root) => new Set([...root.querySelectorAll('.comment')].map((comment) => comment.id));

  async function look() {
    if (document.visibilityState !== 'visible') return;
    const headers = { 'X-Portal-Background': '1', traceparent: traceparent() };
    if (etag) headers['If-None-Match'] = etag;
    let answer;
    try {
      answer = await fetch(refreshUrl, { headers, cache: 'no-store', signal: AbortSignal.timeout(10_000) });
    } catch {
      return; // Away for a moment; the next look finds out.
    }
    if ([401, 403, 404].includes(answer.status) || answer.redirected) {
      clearInterval(timer); // Signed out or no longer allowed: asking on would only make noise.
      return;
    }
    if (answer.status !== 200) return;
    etag = answer.headers.get('ETag') ?? '';
    const list = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('comment-list');
    if (!list) return;
    const known = ids(region);
    const fresh = [...ids(list)].filter((id) => !known.has(id));
    waiting = list;
    if (fresh.length > 0) tell(fresh);
  }

  function tell(fresh) {
    const text = (plural.select(fresh.length) === 'one' ? newOne : newOther).replace(/\d+/, String(fresh.length));
    if (notice?.dataset.count === String(fresh.length)) return;
    notice?.remove();
    notice = document.createElement('button');
    notice.type = 'button';
    notice.className = 'btn fresh';
    notice.dataset.count = String(fresh.length);
    notice.textContent = `${text} – ${show}`;
    notice.addEventListener('click', () => reveal(fresh[0]));
    region.append(notice);
    announce(text);
  }

  function reveal(first) {
    const list = document.importNode(waiting, true);
    region.querySelector('#comment-list').replaceWith(list);
    notice.remove();
    notice = null;
    const comment = document.getElementById(first);
    if (comment) {
      comment.tabIndex = -1;
      comment.focus();
    }
  }

  timer = setInterval(look, EVERY_MS);
  document.addEventListener('visibilitychange', look);
}
