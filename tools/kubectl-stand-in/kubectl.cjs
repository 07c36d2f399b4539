// A stand-in for kubectl on a folder instead of a cluster, called by `kubectl` beside this file. See README.md.
'use strict';
const { appendFileSync, existsSync, readdirSync, readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { parseAllDocuments } = require('yaml');
const api = require('./api.cjs');
const argo = require('./argo-rollouts.cjs');
const gitOps = require('./git-ops.cjs');
const { call } = require('../stand-in-server/call.cjs');
const { folderOf } = require('../stand-in-server/folder.cjs');

const { faultOf, file, read, write } = folderOf('KUBECTL_STAND_IN');

/** The options of each command, and whether they have a value. */
const CLUSTER = { '--kubeconfig': true, '--context': true, '--namespace': true, '--request-timeout': true };
const OPTIONS = {
  version: { '--client': false, '-o': true },
  annotate: { '--local': false, '-R': false, '-f': true, '--overwrite': false, '-o': true },
  'api-resources': { '--no-headers': false, ...CLUSTER },
  create: { '-f': true, '-o': true, ...CLUSTER },
  replace: { '-f': true, '-o': true, ...CLUSTER },
  apply: { '--server-side': false, '--field-manager': true, '--force-conflicts': false, '--dry-run': true, '-f': true, '-o': true, ...CLUSTER },
  get: { '-l': true, '-o': true, '--ignore-not-found': false, '--field-selector': true, ...CLUSTER },
  patch: { '--type': true, '--field-manager': true, '-p': true, '-o': true, ...CLUSTER },
  delete: { '--ignore-not-found': false, '--wait': true, '-o': true, ...CLUSTER },
};

const TEXTS = {
  throttled: 'Error from server (TooManyRequests): the server has received too many requests and has asked us to try again later',
  unavailable: 'Error from server (InternalError): an error on the server ("") has prevented the request from succeeding',
  unreachable: 'Unable to connect to the server: dial tcp 10.0.0.1:6443: connect: connection refused',
  full: 'Error from server: etcdserver: mvcc: database space exceeded',
  denied: 'Error from server (Forbidden): deployments.apps "web" is forbidden: User "deploy" cannot patch resource "deployments" in API group "apps" in the namespace "shop"',
  signedOut: 'error: You must be logged in to the server (Unauthorized)',
  busy: 'Error from server (Conflict): Operation cannot be fulfilled on configmaps "delivery-shop": the object has been modified; please apply your changes to the latest version and try again',
};

function main([command, ...words]) {
  const { options, args } = parse(command, words);
  const operation = command === 'apply' && options['--dry-run'] ? 'dry-run' : command === 'get' ? `get ${api.shownOf(args)}` : command;
  respond({ command, options, args }, faultOf(operation));
}

function parse(command, words) {
  const known = OPTIONS[command];
  if (!known) return fail(`error: unknown command "${command}" for "kubectl"`);
  const options = {};
  const args = [];
  for (let i = 0; i < words.length; i++) {
    const [name, value] = words[i].startsWith('--') ? words[i].split(/=(.*)/s) : [words[i]];
    if (!name.startsWith('-')) args.push(name);
    else if (!(name in known)) fail(`error: unknown flag: ${name}`);
    else options[name] = known[name] ? value ?? words[++i] : true;
  }
  return { options, args };
}

function respond(given, how) {
  const state = read('cluster.json');
  if (how === 'other') write('cluster.json', JSON.stringify(api.deployedByOthers(state)));
  if (how === 'hangs') return call().hang();
  if (how === 'killsBefore') return call().killCaller();
  if (TEXTS[how]) return fail(TEXTS[how]);
  const response = execute(given);
  if (how === 'appliedHangs') return call().hang();
  if (how === 'killsAfter') return call().killCaller();
  if (how === 'appliedUnavailable') return fail(TEXTS.unavailable);
  if (response.text) call().print(response.text);
  if (response.error) fail(response.error);
}

/** Returns what is printed, and the error that it ends with. */
function execute({ args, command, options }) {
  if (command === 'version') return { text: json({ clientVersion: { gitVersion: `v${call().env.KUBECTL_STAND_IN_VERSION ?? '1.34.4'}` } }) };
  if (command === 'annotate') return annotate(options, args);
  const state = read('cluster.json');
  const problem = unreached(state, options);
  if (problem) return { error: problem };
  if (gitOps.isAbout(state, command, args)) return followed({ args, command, options, state });
  if (command !== 'api-resources' && command !== 'get' && command !== 'delete' && command !== 'patch' && !existsSync(options['-f'])) return { error: `error: the path "${options['-f']}" does not exist` };
  const given = { args, command, options, state, items: options['-f'] ? itemsIn(options['-f']) : [], note: (request) => appendFileSync(file('requests'), `${request}\n`) };
  const { changed, error, items, text } = api.execute(given);
  if (changed) save(changed);
  return { error, text: text ?? (items && json(items, args)) };
}

/** What a controller follows: users reach what it applied last. */
function followed(given) {
  const { changed, error, object, served, text } = gitOps.execute({ ...given, note: (request) => appendFileSync(file('requests'), `${request}\n`) });
  if (changed) write('cluster.json', JSON.stringify(changed));
  if (served !== undefined) {
    write('only', served);
    write('live', 'only');
  }
  return { error, text: text ?? (object && json(object)) };
}

/** What the cluster would not even respond to. */
function unreached(state, options) {
  const kubeconfig = options['--kubeconfig'];
  if (kubeconfig !== undefined) appendFileSync(file('kubeconfigs'), `${kubeconfig} ${(statSync(kubeconfig).mode & 0o777).toString(8)} ${readFileSync(kubeconfig, 'utf8').length}\n`);
  if (options['--context'] !== undefined && options['--context'] !== state.context) return `Error in configuration: context was not found for specified context: ${options['--context']}`;
  if (state.isSignedOut) return TEXTS.signedOut;
  if (state.isPluginMissing) return 'Unable to connect to the server: getting credentials: exec: executable shop-login not found';
  if (state.isDown) return 'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?';
  return undefined;
}

function save(state) {
  // a release that a test begins with is rolled out at once
  const now = state.isQuick ? argo.reconciled(state, 9) : state;
  write('cluster.json', JSON.stringify(now));
  const served = argo.served(now);
  if (!served) {
    const { live, releases } = api.servedBy(now);
    for (const [place, release] of Object.entries(releases)) write(place, release);
    write('live', live);
    return;
  }
  for (const [name, release] of Object.entries({ canary: served.canary, stable: served.stable, blue: served.canary, green: served.canary })) write(name, release);
  write('live', served.live);
}

function annotate({ '-f': path }, [annotation]) {
  if (!existsSync(path)) return { error: `error: the path "${path}" does not exist` };
  const [name, value] = annotation.split(/=(.*)/s);
  try {
    const items = filesIn(path).flatMap(itemsIn).map((item) => ({ ...item, metadata: { ...item.metadata, annotations: { ...item.metadata.annotations, [name]: value } } }));
    return { text: items.map((item) => `${json(item)}`).join('') };
  } catch (error) {
    return { error: `error: error parsing ${path}: error converting YAML to JSON: yaml: ${error.message.split('\n')[0]}` };
  }
}

/** As kubectl reads a folder: YAML and JSON, and nothing else. */
function filesIn(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).sort().map((name) => join(path, name)).flatMap((one) => (statSync(one).isDirectory() ? filesIn(one) : /\.(ya?ml|json)$/.test(one) ? [one] : []));
}

function itemsIn(path) {
  const documents = parseAllDocuments(readFileSync(path, 'utf8'));
  const values = [...documents].map((document) => {
    if (document.errors?.length > 0) throw document.errors[0];
    return document.toJS();
  });
  return values.filter((value) => value !== null).flatMap((value) => (value.kind === 'List' ? value.items : [value]));
}

const json = (value) => `${JSON.stringify(value, null, 4)}\n`;

function fail(text) {
  call().printError(`${text}\n`);
  call().exit(1);
}

module.exports = main;
