// A proxy in front of an emulator of AWS that knows no weights: it keeps the weights of listeners and rules (ForwardConfig) as the AWS CLI sends them,
// shows them again as AWS does, and gives the emulator the one target group that has the highest weight. A request of a user that names a listener in the
// header x-users-of gets a slot by the listener's weights, drawn for each request, in the header x-slot, for which the emulator has rules; it is counted as
// a load balancer counts. Everything else passes unchanged. A process of its own, because the process that starts the AWS CLI may wait for it. Argument:
// the emulator's URL. It prints its own; `GET /_calls` lists the calls, and `GET /_counts?canary=blue` prints the counts of both slots for Metric.command.
const { createServer, request } = require('node:http');

const ACTIONS = { ModifyListener: ['ListenerArn', 'DefaultActions'], ModifyRule: ['RuleArn', 'Actions'] };
const SHOWN = { DescribeListeners: 'ListenerArns.member.1', DescribeRules: 'RuleArns.member.1' };

const [emulator] = process.argv.slice(2);
const kept = new Map();
const calls = [];
const counts = { blue: { requests: 0, errors: 0 }, green: { requests: 0, errors: 0 } };

const server = createServer(async (incoming, response) => {
  if (incoming.url === '/_calls') return response.end(JSON.stringify(calls));
  const [, canary] = /^\/_counts\?canary=(blue|green)$/.exec(incoming.url) ?? [];
  if (canary) return response.end(JSON.stringify({ canary: counts[canary], stable: counts[canary === 'blue' ? 'green' : 'blue'] }));
  const { 'x-users-of': listener, ...headers } = incoming.headers;
  const slot = listener && drawn(listener);
  if (slot) headers['x-slot'] = slot;
  const sent = await read(incoming);
  const isForm = /x-www-form-urlencoded/.test(incoming.headers['content-type'] ?? '');
  const form = new URLSearchParams(isForm ? sent.toString() : '');
  const action = form.get('Action') ?? '';
  calls.push(action);
  const body = action in ACTIONS ? Buffer.from(keep(form, ...ACTIONS[action]).toString()) : sent;
  const passed = request(new URL(incoming.url, emulator), { method: incoming.method, headers: { ...headers, 'content-length': String(body.length) } }, async (received) => {
    const all = await read(received);
    if (slot) count(slot, received.statusCode >= 500);
    const forward = action in SHOWN ? kept.get(form.get(SHOWN[action]))?.shown : undefined;
    const shown = forward ? Buffer.from(all.toString().replace(/<TargetGroupArn>[^<]*<\/TargetGroupArn>/, forward)) : all;
    const { 'transfer-encoding': _, ...others } = received.headers;
    response.writeHead(received.statusCode, { ...others, 'content-length': String(shown.length) }).end(shown);
  });
  passed.on('error', () => {
    if (slot) count(slot, true);
    response.writeHead(502).end();
  });
  passed.end(body);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function count(slot, isError) {
  counts[slot].requests += 1;
  if (isError) counts[slot].errors += 1;
}

/** A slot by the weights of a listener. */
function drawn(listener) {
  const groups = kept.get(listener).groups;
  let left = Math.random() * groups.reduce((sum, { weight }) => sum + weight, 0);
  const { arn } = groups.find(({ weight }) => (left -= weight) < 0);
  return /-(blue|green)\//.exec(arn)[1];
}

/** Keeps the weights, and returns the request with one target group instead. */
function keep(form, name, actions) {
  const at = [...form.keys()].map((key) => new RegExp(`^(${actions}\\.member\\.\\d+)\\.ForwardConfig\\.`).exec(key)?.[1]).find((found) => found !== undefined);
  if (at === undefined) return form;
  const groups = [];
  for (let i = 1; form.has(`${at}.ForwardConfig.TargetGroups.member.${i}.TargetGroupArn`); i++) {
    const one = `${at}.ForwardConfig.TargetGroups.member.${i}`;
    groups.push({ arn: form.get(`${one}.TargetGroupArn`), weight: Number(form.get(`${one}.Weight`)) });
  }
  const members = groups.map(({ arn, weight }) => `<member><TargetGroupArn>${arn}</TargetGroupArn><Weight>${weight}</Weight></member>`).join('');
  kept.set(form.get(name), { groups, shown: `<ForwardConfig><TargetGroups>${members}</TargetGroups><TargetGroupStickinessConfig><Enabled>false</Enabled></TargetGroupStickinessConfig></ForwardConfig>` });
  const changed = new URLSearchParams([...form].filter(([key]) => !key.startsWith(`${at}.ForwardConfig.`)));
  changed.set(`${at}.TargetGroupArn`, groups.toSorted((one, other) => other.weight - one.weight)[0].arn);
  return changed;
}
