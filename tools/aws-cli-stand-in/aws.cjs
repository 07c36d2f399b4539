// A stand-in for the AWS CLI: `aws lambda ...`, `aws sts ...` and others on a folder instead of a region, called by `aws` beside this file. See README.md.
'use strict';
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { createHash, randomUUID } = require('node:crypto');
const { deployedByHand, ECS_OPTIONS, ecsOperations } = require('./ecs.cjs');
const { ELB_OPTIONS, elbOperations, splitByHand } = require('./elb.cjs');
const { call } = require('../stand-in-server/call.cjs');
const { folderOf } = require('../stand-in-server/folder.cjs');

const { faultOf, file, read, write } = folderOf('AWS_STAND_IN');

const NO_CREDENTIALS = 'Unable to locate credentials. You can configure credentials by running "aws configure".';

class AwsError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The options of each operation, and whether they have a value. */
const COMMON = { '--function-name': true, '--region': true, '--query': true, '--output': true };
const OPTIONS = {
  ...ECS_OPTIONS,
  ...ELB_OPTIONS,
  'get-caller-identity': {},
  'get-function': {},
  'get-function-configuration': { '--qualifier': true },
  'get-alias': { '--name': true },
  'list-versions-by-function': {},
  'update-function-code': { '--zip-file': true, '--image-uri': true, '--revision-id': true },
  'update-function-configuration': { '--description': true, '--revision-id': true },
  'publish-version': { '--description': true, '--code-sha256': true, '--revision-id': true },
  'update-alias': { '--name': true, '--function-version': true, '--routing-config': true, '--revision-id': true },
  invoke: { '--qualifier': true, '--payload': true },
  'batch-get-image': { '--registry-id': true, '--repository-name': true, '--image-ids': true },
  'describe-alarms': { '--alarm-names': true, '--alarm-types': true },
  'get-metric-data': { '--metric-data-queries': true, '--start-time': true, '--end-time': true },
};

const CODES = {
  throttled: ['TooManyRequestsException', 'Rate Exceeded'],
  unavailable: ['ServiceException', 'An error occurred and the request cannot be processed.'],
  denied: ['AccessDeniedException', 'User: arn:aws:iam::000000000000:user/x is not authorized to perform this action'],
  expired: ['ExpiredTokenException', 'The security token included in the request is expired'],
  full: ['CodeStorageExceededException', 'Code storage limit exceeded.'],
  busy: ['ResourceConflictException', 'The operation cannot be performed at this time. An update is in progress for resource'],
};

function main([service, operation, ...words]) {
  if (service === '--version') return call().print(`aws-cli/${call().env.AWS_STAND_IN_VERSION ?? '2.31.0'} Python/3.11.7 stand-in\n`);
  const options = parse(operation, words);
  const how = faultOf(operation);
  checkRole(operation);
  return respond(operation, options, how);
}

/** Where roles are given, the caller's session must be of one of them: `{ <arn>: 'read' | 'write' }`. */
function checkRole(operation) {
  const { AWS_SESSION_TOKEN: token, AWS_STAND_IN_ROLES: roles } = call().env;
  if (!roles) return;
  const access = JSON.parse(roles)[token?.replace('session of ', '')];
  if (!access) fail(253, NO_CREDENTIALS);
  if (access === 'read' && !/^(get|list|describe)-/.test(operation)) fail(254, `An error occurred (AccessDeniedException) when calling the ${operation} operation: not authorized`);
}

function parse(operation, words) {
  const known = { ...COMMON, ...OPTIONS[operation] };
  if (!OPTIONS[operation]) usage(`Invalid choice: '${operation}'`);
  const options = {};
  for (let i = 0; i < words.length; i++) {
    if (words[i].startsWith('--')) {
      if (!(words[i] in known)) usage(`Unknown options: ${words[i]}`);
      const name = words[i];
      options[name] = known[name] ? words[++i] : true;
      // a list
      while (name.startsWith('--alarm-') && words[i + 1] !== undefined && !words[i + 1].startsWith('--')) options[name] += `\n${words[++i]}`;
    } else {
      options.file = words[i];
      options.words = [...options.words ?? [], words[i]];
    }
  }
  return options;
}

function usage(problem) {
  call().printError(`usage: aws [options] <command> <subcommand> [parameters]\n\naws: error: ${problem}\n`);
  call().exit(252);
}

function respond(operation, options, how) {
  const isApplied = !how || how.startsWith('applied') || how === 'other' || how === 'killsAfter';
  if (how === 'other') byHand(operation, options);
  if (how === 'hangs') return call().hang();
  if (how === 'killsBefore') return call().killCaller();
  if (how === 'signedOut') return fail(253, NO_CREDENTIALS);
  if (how === 'unreachable') return fail(255, 'Could not connect to the endpoint URL: "https://aws.example.com/"');
  // of this machine, where a service has no limit of its own
  if (how === 'full' && !operation.startsWith('update-function')) return fail(255, '[Errno 28] No space left on device');
  try {
    const response = isApplied ? OPERATIONS[operation](options) : undefined;
    if (how === 'appliedHangs') return call().hang();
    if (how === 'killsAfter') return call().killCaller();
    if (how === 'appliedUnavailable') throw new AwsError(...CODES.unavailable);
    if (how && CODES[how]) throw new AwsError(...CODES[how]);
    // `aws s3` prints nothing
    if (options['--query'] !== undefined) call().print(`${JSON.stringify(select(response, options['--query']), null, 4)}\n`);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const name = operation.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());
    fail(254, `An error occurred (${error.code}) when calling the ${name} operation: ${error.message}`);
  }
}

function fail(code, text) {
  call().printError(`\n${text}\n`);
  call().exit(code);
}

/** Someone else moves the alias or the users of a listener, or deploys the first revision, at this moment. */
function byHand(operation, options) {
  if (existsSync(file('site.json'))) return site.byHand();
  const ecs = read('ecs.json');
  if (ecs) return write('ecs.json', JSON.stringify(operation in ELB_OPTIONS ? splitByHand(ecs) : deployedByHand(ecs, options['--service'])));
  const state = read('lambda.json');
  const [name] = Object.keys(state.aliases);
  state.aliases[name] = { ...state.aliases[name], version: state.versions[0].version, revisionId: randomUUID() };
  save(state);
}

function save(state) {
  for (const { code, version } of state.versions) write(`version-${version}`, code);
  write('lambda.json', JSON.stringify(state));
  for (const [name, { version, weights = {} }] of Object.entries(state.aliases)) write(name, [version, ...Object.keys(weights)].map((one) => `version-${one}`).join('+'));
}

function theFunction(options) {
  const state = read('lambda.json', { versions: [], aliases: {} });
  if (state.region && options['--region'] && options['--region'] !== state.region) state.name = undefined;
  if (options['--function-name'] !== state.name) throw new AwsError('ResourceNotFoundException', `Function not found: ${options['--function-name']}`);
  return state;
}

function theAlias(state, options) {
  const alias = state.aliases[options['--name']];
  if (!alias) throw new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${options['--name']}`);
  return alias;
}

/** The registry: a file for each image, with the code as its content. */
function imageFile(image) {
  const path = file(`image-${digestIn(image)}`);
  if (!existsSync(path)) throw new AwsError('InvalidParameterValueException', `Source image ${image} does not exist. Provide a valid source image.`);
  return path;
}

function digestIn(image) {
  return /sha256:([0-9a-f]{64})$/.exec(image)[1];
}

function checkRevision(found, { '--revision-id': wanted }) {
  if (wanted !== undefined && wanted !== found.revisionId) {
    throw new AwsError('PreconditionFailedException', 'The RevisionId provided does not match the latest RevisionId for the Lambda function or alias.');
  }
}

function checkIdle({ latest }) {
  if (latest.polls > 0) throw new AwsError(...CODES.busy);
}

/** An alarm that fires some looks after the errors. See alarm-stand-in.ts. */
function lookLate(alarm) {
  if (!alarm.isLate) return alarm;
  const errors = Number(existsSync(file('errors')) ? readFileSync(file('errors'), 'utf8') : 0);
  const isNew = errors > alarm.errors;
  const looks = isNew ? (alarm.value === 'ALARM' ? 2 : 1) : alarm.looks > 0 ? alarm.looks + 1 : 0;
  const value = looks === 2 || looks === 3 ? 'ALARM' : 'OK';
  const changed = value === alarm.value ? alarm.changed : new Date().toISOString();
  return { ...alarm, errors, looks: looks > 3 ? 0 : looks, value, changed, reason: value === 'ALARM' ? 'Threshold Crossed' : '' };
}

const OPERATIONS = {
  ...ecsOperations({ AwsError, read, write }),
  ...elbOperations({ AwsError, read, write }),
  'describe-alarms': ({ '--alarm-names': names, '--alarm-types': types = 'MetricAlarm', '--region': region }) => {
    const alarms = read('alarms.json', []).map(lookLate);
    if (alarms.some(({ isLate }) => isLate)) write('alarms.json', JSON.stringify(alarms));
    const wanted = (one) => names.split('\n').includes(one.name) && (!one.region || !region || one.region === region);
    const listed = (type) => (types.split('\n').includes(type) ? alarms.filter((one) => one.type === type && wanted(one)) : []);
    const shown = ({ changed, name, reason, value }) => ({ AlarmName: name, StateValue: value, StateReason: reason, StateTransitionedTimestamp: changed, StateUpdatedTimestamp: changed });
    return { MetricAlarms: listed('MetricAlarm').map(shown), CompositeAlarms: listed('CompositeAlarm').map(shown) };
  },
  // { <name and dimensions>: [[time, value]] }. See setMetrics in stand-in.ts
  'get-metric-data': ({ '--end-time': end, '--metric-data-queries': queries, '--region': region, '--start-time': start }) => {
    const { metrics, region: home, status = 'Complete' } = read('metrics.json', { metrics: {} });
    const MetricDataResults = JSON.parse(queries).map(({ Id, MetricStat: { Metric: { Dimensions, MetricName, Namespace }, Period, Stat } }) => {
      if (Period !== 60 || Stat !== 'Sum') throw new AwsError('InvalidParameterValue', 'the stand-in knows sums of minutes');
      const key = [Namespace, MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).sort()].join(' ');
      const points = (home && region && home !== region ? [] : metrics[key] ?? []).filter(([at]) => Date.parse(at) >= Date.parse(start) && Date.parse(at) < Date.parse(end));
      return { Id, StatusCode: status, Timestamps: points.map(([at]) => at), Values: points.map(([, value]) => value) };
    });
    return { MetricDataResults };
  },
  'get-caller-identity': () => ({ Account: read('lambda.json', read('ecs.json', read('site.json', {}))).account ?? '000000000000' }),
  'get-function-configuration': (options) => {
    const state = theFunction(options);
    const qualifier = options['--qualifier'];
    if (qualifier !== undefined) {
      const found = state.versions.find(({ version }) => version === qualifier);
      if (!found) throw new AwsError('ResourceNotFoundException', `Function not found: ${state.name}:${qualifier}`);
      return { Description: found.description, CodeSha256: found.codeSha256, State: 'Active' };
    }
    const { latest } = state;
    const isBusy = latest.polls > 0;
    if (isBusy) save({ ...state, latest: { ...latest, polls: latest.polls - 1 } });
    return {
      CodeSha256: latest.codeSha256, RevisionId: latest.revisionId, Description: latest.description, PackageType: state.packageType ?? 'Zip',
      LastUpdateStatus: isBusy ? 'InProgress' : 'Successful',
    };
  },
  'get-function': (options) => ({ Code: { ResolvedImageUri: theFunction(options).latest.image } }),
  'get-alias': (options) => {
    const { revisionId, version, weights } = theAlias(theFunction(options), options);
    return { FunctionVersion: version, RevisionId: revisionId, ...(weights && { RoutingConfig: { AdditionalVersionWeights: weights } }) };
  },
  'list-versions-by-function': (options) => {
    const { latest, versions } = theFunction(options);
    const all = [{ ...latest, version: '$LATEST' }, ...versions];
    return { Versions: all.map(({ codeSha256, description, version }) => ({ Version: version, Description: description, CodeSha256: codeSha256 })) };
  },
  'update-function-code': (options) => {
    const state = theFunction(options);
    checkIdle(state);
    checkRevision(state.latest, options);
    const image = options['--image-uri'];
    const bytes = readFileSync(image === undefined ? call().path(options['--zip-file'].replace(/^fileb:\/\//, '')) : imageFile(image));
    const codeSha256 = image === undefined ? createHash('sha256').update(bytes).digest('base64') : digestIn(image);
    save({ ...state, latest: { ...state.latest, code: bytes.toString().trim(), image, codeSha256, revisionId: randomUUID(), isChanged: true, polls: 1 } });
    return { Version: '$LATEST' };
  },
  'update-function-configuration': (options) => {
    const state = theFunction(options);
    checkIdle(state);
    checkRevision(state.latest, options);
    save({ ...state, latest: { ...state.latest, description: options['--description'], revisionId: randomUUID(), isChanged: true, polls: 1 } });
    return { Version: '$LATEST' };
  },
  'publish-version': (options) => {
    const state = theFunction(options);
    const { latest, versions } = state;
    checkIdle(state);
    checkRevision(latest, options);
    if (options['--code-sha256'] !== latest.codeSha256) throw new AwsError('InvalidParameterValueException', 'CodeSHA256 is different from current CodeSHA256 in $LATEST.');
    // as AWS does: without a change there is no new version, whatever its description would be
    const last = versions.at(-1);
    if (last && !latest.isChanged) return { Version: last.version, Description: last.description };
    const description = options['--description'] ?? latest.description;
    const version = String(state.next ?? versions.length + 1);
    save({ ...state, next: Number(version) + 1, latest: { ...latest, isChanged: false }, versions: [...versions, { version, description, codeSha256: latest.codeSha256, code: latest.code }] });
    return { Version: version, Description: description };
  },
  'update-alias': (options) => {
    const state = theFunction(options);
    const alias = theAlias(state, options);
    checkRevision(alias, options);
    const version = options['--function-version'] ?? alias.version;
    if (!state.versions.some((one) => one.version === version)) throw new AwsError('ResourceNotFoundException', `Function not found: ${state.name}:${version}`);
    const { AdditionalVersionWeights: weights } = JSON.parse(options['--routing-config'] ?? '{}');
    save({ ...state, aliases: { ...state.aliases, [options['--name']]: { version, revisionId: randomUUID(), ...(weights && Object.keys(weights).length > 0 && { weights }) } } });
    return { FunctionVersion: version };
  },
  'batch-get-image': (options) => {
    const imageDigest = options['--image-ids'].replace('imageDigest=', '');
    const isThere = existsSync(file(`image-${digestIn(imageDigest)}`));
    return { images: isThere ? [{ imageId: { imageDigest } }] : [], failures: isThere ? [] : [{ failureCode: 'ImageNotFound' }] };
  },
  invoke: (options) => {
    const found = theFunction(options).versions.find(({ version }) => version === options['--qualifier']);
    const event = JSON.parse(readFileSync(call().path(options['--payload'].replace(/^fileb:\/\//, '')), 'utf8'));
    const isBroken = found.code.includes('broken');
    writeFileSync(call().path(options.file), JSON.stringify(isBroken ? { errorMessage: `cannot handle ${Object.keys(event).join()}` } : found.code));
    return { StatusCode: 200, ...(isBroken && { FunctionError: 'Unhandled' }) };
  },
};

/** As much of JMESPath as the runtime writes: `{a:B,c:D.E,f:List[].G}`, `List[].{a:B}` and `[List,Other][].{a:B}`. */
function select(value, query) {
  const [, list, fields] = /^(?:(\w+|\[[\w,]+\])\[\]\.)?\{(.*)\}$/.exec(query);
  const at = (from, path) => path.split('.').reduce((found, key) => found?.[key], from) ?? null;
  const one = (from) => Object.fromEntries(fields.split(/, ?/).map((field) => {
    const [name, path] = field.split(/: ?/);
    const [head, rest] = path.split('[].');
    return [name, rest === undefined ? at(from, path) : at(from, head)?.map((item) => at(item, rest)) ?? null];
  }));
  if (!list) return one(value);
  const names = list.replace(/[[\]]/g, '').split(',');
  // absent where there is none
  return names.length === 1 && !value[list] ? null : names.flatMap((name) => value[name]).map(one);
}

const site = require('./site.cjs')({ AwsError, file, read, write });
Object.assign(OPTIONS, site.OPTIONS);
Object.assign(OPERATIONS, site.OPERATIONS);
module.exports = main;
