// usage: k6 run -e URL=http://127.0.0.1:3100 k6_script.js
import { check } from 'k6';
import http from 'k6/http';

export const options = {
  scenarios: { users: { executor: 'per-vu-iterations', vus: 10, iterations: 20, maxDuration: '60s' } },
  thresholds: { checks: ['rate==1.0'] },
};
const api = `${__ENV.URL}/loki/api/v1`;

export default function () {
  const user = `${__VU}`;
  const line = `level=info msg="request" vu=${__VU} iteration=${__ITER}`;
  const push = { streams: [{ stream: { job: 'k6', vu: user }, values: [[`${Date.now()}000000`, line]] }] };
  const headers = { 'Content-Type': 'application/json', 'X-Scope-OrgID': `xk6-tenant-${__VU}` };
  check(http.post(`${api}/push`, JSON.stringify(push), { headers }), { 'pushed with 204': (r) => r.status === 204 && !r.body });

  const logs = http.get(`${api}/query_range?query=${encodeURIComponent(`{job="k6", vu="${user}"}`)}&limit=100`);
  check(logs, {
    'the line is there at once': (r) => r.json('data.result').some((s) => s.values.some((v) => v[1] === line)),
    'figures for the report': (r) => ['bytesProcessedPerSecond', 'totalBytesProcessed', 'linesProcessedPerSecond', 'totalLinesProcessed']
      .every((name) => typeof r.json(`data.stats.summary.${name}`) === 'number'),
  });
  const count = http.get(`${api}/query?query=${encodeURIComponent(`count_over_time({vu="${user}"}[1h])`)}`);
  check(count, { 'counted': (r) => Number(r.json('data.result.0.value.1')) === __ITER + 1 });
  check(http.get(`${api}/labels`), { 'labels': (r) => r.json('data').includes('vu') });
  check(http.get(`${api}/label/vu/values`), { 'values': (r) => r.json('data').includes(user) });
  check(http.get(`${api}/series?match[]=${encodeURIComponent(`{vu="${user}"}`)}`), { 'series': (r) => r.json('data').length === 1 });
}
