// A stand-in for the AWS CLI: the calls of CloudFormation, STS, SSM, S3, ECR and Lambda that the CDK driver makes, called by `aws` beside this file. See README.md.
'use strict';
const { functionOf, point } = require('./functions.cjs');
const { begin, faultOf, killCaller, load, look, save } = require('./stacks.cjs');
const { call } = require('../stand-in-server/call.cjs');

class AwsError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The options of each operation; all have a value. */
const OPTIONS = {
  'get-caller-identity': [],
  'describe-stacks': ['--stack-name'],
  'detect-stack-drift': ['--stack-name'],
  'describe-stack-resource-drifts': ['--stack-name', '--stack-resource-drift-status-filters'],
  'describe-stack-resource': ['--stack-name', '--logical-resource-id'],
  'get-template': ['--stack-name', '--template-stage'],
  'describe-stack-events': ['--stack-name', '--max-items'],
  'describe-change-set': ['--stack-name', '--change-set-name'],
  'list-change-sets': ['--stack-name'],
  'delete-change-set': ['--stack-name', '--change-set-name'],
  'execute-change-set': ['--stack-name', '--change-set-name', '--client-request-token'],
  'cancel-update-stack': ['--stack-name'],
  'continue-update-rollback': ['--stack-name'],
  'rollback-stack': ['--stack-name'],
  'get-parameter': ['--name'],
  'head-object': ['--bucket', '--key'],
  'get-alias': ['--function-name', '--name'],
  'update-alias': ['--function-name', '--name', '--function-version', '--routing-config', '--revision-id'],
  'get-function-configuration': ['--function-name', '--qualifier'],
  'describe-images': ['--repository-name', '--image-ids'],
};

const CODES = {
  throttled: ['Throttling', 'Rate exceeded'],
  unavailable: ['ServiceUnavailable', 'Service is unable to handle request.'],
  denied: ['AccessDenied', 'User: arn:aws:iam::000000000000:user/x is not authorized to perform this action'],
  conflict: ['PreconditionFailedException', 'The RevisionId provided does not match the latest RevisionId'],
  expired: ['ExpiredToken', 'The security token included in the request is expired'],
};

function main([service, operation, ...words]) {
  if (service === '--version') return call().print(`aws-cli/${call().env.CDK_STAND_IN_AWS ?? '2.31.0'} Python/3.11.7 stand-in\n`);
  const options = {};
  for (let i = 0; i < words.length; i += 2) {
    // a list of values
    while (words[i + 2] !== undefined && !words[i + 2].startsWith('--')) words.splice(i + 1, 2, `${words[i + 1]} ${words[i + 2]}`);
    if (!['--region', '--query', '--output', ...OPTIONS[operation] ?? []].includes(words[i])) return usage(`Unknown options: ${words[i]}`);
    options[words[i]] = words[i + 1];
  }
  if (!OPTIONS[operation]) return usage(`Invalid choice: '${operation}'`);
  return respond(operation, options, faultOf(operation));
}

function usage(problem) {
  call().printError(`usage: aws [options] <command> <subcommand> [parameters]\n\naws: error: ${problem}\n`);
  call().exit(252);
}

function respond(operation, options, how) {
  if (how === 'hangs') return call().hang();
  if (how === 'killed') return killCaller();
  if (how === 'signedOut') return fail(253, 'Unable to locate credentials. You can configure credentials by running "aws configure".');
  if (how === 'other') deployByHand(options['--stack-name']);
  try {
    const response = !how || how === 'other' || how.startsWith('applied') ? OPERATIONS[operation](options) : undefined;
    if (how === 'appliedHangs') return call().hang();
    if (how === 'appliedKilled') return killCaller();
    if (how === 'appliedUnavailable') throw new AwsError(...CODES.unavailable);
    if (CODES[how]) throw new AwsError(...CODES[how]);
    if (response !== undefined) call().print(`${JSON.stringify(select(response, options['--query']), null, 4)}\n`);
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

/** Someone else deploys the stack at this moment: what was prepared is gone. */
function deployByHand(name) {
  const account = load();
  Object.assign(account.stacks[name], { changeSets: [], updatedAt: 'later' });
  save(account);
}

function theStack(account, { '--region': region, '--stack-name': name }) {
  if (account.stacks[name] && (!region || !account.region || region === account.region)) return account.stacks[name];
  throw new AwsError('ValidationError', `Stack with id ${name} does not exist`);
}

const shownAlias = ({ revisionId, version, weights }) => ({ FunctionVersion: version, RevisionId: revisionId, ...(Object.keys(weights).length > 0 && { RoutingConfig: { AdditionalVersionWeights: weights } }) });

function theAlias(account, options) {
  const alias = account.functions?.[options['--function-name']]?.aliases[options['--name']];
  if (alias) return alias;
  throw new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${options['--function-name']}:${options['--name']}`);
}

/** Someone looks: a detection that is in progress ends after that. */
function driftOf(account, name) {
  const stack = account.stacks[name];
  const { checkedAt, isInProgress, result = 'NOT_CHECKED' } = stack?.drift ?? {};
  if (isInProgress) {
    stack.drift = { checkedAt, result: stack.cannotCheck ? 'UNKNOWN' : stack.drifted?.length > 0 ? 'DRIFTED' : 'IN_SYNC', found: stack.drifted };
    save(account);
  }
  return { StackDriftStatus: result, LastCheckTimestamp: checkedAt };
}

/** The output `Function` of a template holds the function's name. */
function outputsOf(account, name) {
  const { template } = account.stacks[name] ?? {};
  return template?.Outputs ? [{ OutputKey: 'Function', OutputValue: functionOf(name, template) }] : undefined;
}

function changed(from, to) {
  return (options) => {
    const account = load();
    const stack = theStack(account, options);
    if (!from.test(stack.status)) throw new AwsError('ValidationError', `Stack [${options['--stack-name']}] is in ${stack.status} state and can not be changed so`);
    const event = { resource: options['--stack-name'], type: 'AWS::CloudFormation::Stack', status: to(stack.status), reason: 'User Initiated' };
    Object.assign(stack, { status: event.status, looks: 1, events: [event, ...stack.events] });
    save(account);
    return undefined;
  };
}

function theChangeSet(account, options) {
  const { '--change-set-name': wanted } = options;
  const found = (theStack(account, options).changeSets ?? []).find(({ arn, name }) => name === wanted || arn === wanted);
  if (found) return found;
  throw new AwsError('ChangeSetNotFound', `ChangeSet [${wanted}] does not exist`);
}

const OPERATIONS = {
  'describe-change-set': (options) => {
    const { arn, changes, executionStatus, reason, status } = theChangeSet(load(), options);
    return { ChangeSetId: arn, Status: status, ExecutionStatus: executionStatus, StatusReason: reason, Changes: changes.map((ResourceChange) => ({ Type: 'Resource', ResourceChange })) };
  },
  'list-change-sets': (options) => ({
    Summaries: (theStack(load(), options).changeSets ?? []).map(({ createdAt, name }) => ({ ChangeSetName: name, CreationTime: createdAt })),
  }),
  'delete-change-set': (options) => {
    const account = load();
    const stack = theStack(account, options);
    stack.changeSets = (stack.changeSets ?? []).filter(({ name }) => name !== options['--change-set-name']);
    save(account);
    return undefined;
  },
  'execute-change-set': (options) => {
    const account = load();
    const { executionStatus, name, template } = theChangeSet(account, options);
    if (executionStatus !== 'AVAILABLE') throw new AwsError('InvalidChangeSetStatus', `ChangeSet [${name}] cannot be executed in its current execution status of [${executionStatus}]`);
    begin(account, options['--stack-name'], template, name);
    return undefined;
  },
  'get-caller-identity': () => ({ Account: load().account ?? '000000000000' }),
  'describe-stacks': (options) => {
    const account = load();
    look(account, options['--stack-name']);
    const { isProtected = false, reason = '', status, updatedAt } = theStack(account, options);
    return { Stacks: [{ StackStatus: status, StackStatusReason: reason, EnableTerminationProtection: isProtected, CreationTime: '2026-01-01T00:00:00Z', LastUpdatedTime: updatedAt, Outputs: outputsOf(account, options['--stack-name']), DriftInformation: driftOf(account, options['--stack-name']) }] };
  },
  'detect-stack-drift': (options) => {
    const account = load();
    const stack = theStack(account, options);
    if (!/_COMPLETE$/.test(stack.status)) throw new AwsError('ValidationError', `Drift detection is not available in ${stack.status}`);
    if (stack.drift?.isInProgress) throw new AwsError('ValidationError', 'Drift detection is already in progress for the stack');
    stack.drift = { result: 'NOT_CHECKED', ...stack.drift, checkedAt: new Date().toISOString(), isInProgress: true };
    save(account);
    return { StackDriftDetectionId: 'detection' };
  },
  'describe-stack-resource-drifts': (options) => {
    const { drift } = theStack(load(), options);
    if (options['--stack-resource-drift-status-filters'] !== 'MODIFIED DELETED') throw new AwsError('ValidationError', 'the others are in sync');
    return { StackResourceDrifts: drift?.found ?? [] };
  },
  'describe-stack-resource': (options) => {
    const id = theStack(load(), options).resources?.[options['--logical-resource-id']];
    if (id === undefined) throw new AwsError('ValidationError', `Resource ${options['--logical-resource-id']} does not exist for stack ${options['--stack-name']}`);
    return { StackResourceDetail: { PhysicalResourceId: id } };
  },
  'get-alias': (options) => shownAlias(theAlias(load(), options)),
  'update-alias': (options) => {
    const account = load();
    const alias = theAlias(account, options);
    const version = options['--function-version'];
    if (options['--revision-id'] !== alias.revisionId) throw new AwsError('PreconditionFailedException', 'The RevisionId provided does not match the latest RevisionId');
    if (!account.functions[options['--function-name']].versions[version]) throw new AwsError('ResourceNotFoundException', `Function not found: ${options['--function-name']}:${version}`);
    Object.assign(alias, point(alias, version, JSON.parse(options['--routing-config']).AdditionalVersionWeights));
    save(account);
    return shownAlias(alias);
  },
  'get-function-configuration': (options) => {
    const release = load().functions?.[options['--function-name']]?.versions[options['--qualifier']];
    if (release === undefined) throw new AwsError('ResourceNotFoundException', `Function not found: ${options['--function-name']}:${options['--qualifier']}`);
    return { Description: '', State: 'Active' };
  },
  'get-template': (options) => {
    if (options['--template-stage'] !== 'Original') throw new AwsError('ValidationError', 'the processed template is another one');
    return { TemplateBody: theStack(load(), options).template };
  },
  'describe-stack-events': (options) => ({
    StackEvents: theStack(load(), options).events.map(({ reason, resource, status, type }) => ({ LogicalResourceId: resource, ResourceType: type, ResourceStatus: status, ResourceStatusReason: reason })),
  }),
  'cancel-update-stack': changed(/^UPDATE_IN_PROGRESS$/, () => 'UPDATE_ROLLBACK_IN_PROGRESS'),
  'continue-update-rollback': changed(/^UPDATE_ROLLBACK_FAILED$/, () => 'UPDATE_ROLLBACK_IN_PROGRESS'),
  'rollback-stack': changed(/^(CREATE|UPDATE)_FAILED$/, (status) => (status === 'CREATE_FAILED' ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS')),
  'get-parameter': (options) => {
    const { bootstrap = 30, region } = load();
    const isThere = bootstrap !== null && (!options['--region'] || !region || options['--region'] === region);
    if (!isThere || options['--name'] !== '/cdk-bootstrap/hnb659fds/version') throw new AwsError('ParameterNotFound', '');
    return { Parameter: { Value: String(bootstrap) } };
  },
  'head-object': (options) => {
    if ((load().objects ?? []).includes(`${options['--bucket']}/${options['--key']}`)) return { ContentLength: 1 };
    throw new AwsError('404', 'Not Found');
  },
  'describe-images': (options) => {
    const [, tag] = /^imageTag=(.+)$/.exec(options['--image-ids']);
    if ((load().images ?? []).includes(`${options['--repository-name']}:${tag}`)) return { imageDetails: [{ imageDigest: `sha256:${'1'.repeat(64)}` }] };
    throw new AwsError('ImageNotFoundException', `The image with imageId {imageTag: ${tag}} does not exist within the repository`);
  },
};

/** As much of JMESPath as the runtime writes: paths of `Name`, `Name[0]` and `Name[]`, which may end with `{a:path,b:path}`. */
function select(value, path) {
  if (path.startsWith('{')) return Object.fromEntries(partsOf(path.slice(1, -1)).map((part) => [part.slice(0, part.indexOf(':')), select(value, part.slice(part.indexOf(':') + 1)) ?? null]));
  const [, name, index, rest] = /^(\w+)(?:\[(0?)\])?(?:\.(.*))?$/.exec(path);
  const found = value?.[name];
  const next = (one) => (rest === undefined ? one : select(one, rest));
  if (index === undefined) return rest === undefined || found === undefined ? found : next(found);
  return index === '0' ? next(found?.[0]) : (found ?? []).map(next).flat(1);
}

/** Separated by the commas outside of braces. */
function partsOf(text) {
  let depth = 0;
  return [...text].reduce((parts, letter) => {
    depth += letter === '{' ? 1 : letter === '}' ? -1 : 0;
    if (letter === ',' && depth === 0) return [...parts, ''];
    return [...parts.slice(0, -1), parts.at(-1) + letter];
  }, ['']);
}

module.exports = main;
