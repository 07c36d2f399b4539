// A stand-in for the CDK CLI: `cdk list`, `cdk publish-assets` and `cdk deploy` of a cloud assembly, called by `cdk` beside this file. See README.md.
'use strict';
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { begin, faultOf, isReleased, killCaller, load, look, prepare, save } = require('./stacks.cjs');
const { call } = require('../stand-in-server/call.cjs');

const FLAGS = ['--ci', '--no-color', '--no-notices', '--exclusively'];
const VALUES = ['--app', '--require-approval', '--progress', '--outputs-file', '--concurrency', '--method', '--change-set-name', '--unstable'];
/** The newest assembly that it reads. */
const schema = () => Number(call().env.CDK_STAND_IN_SCHEMA ?? 55);

const TEXTS = {
  throttled: 'Rate exceeded',
  unavailable: 'getaddrinfo ENOTFOUND cloudformation.eu-central-1.amazonaws.com',
  unreachable: 'connect ECONNREFUSED 10.0.0.1:443',
  full: 'ENOSPC: no space left on device, write',
  denied: 'AccessDenied: User: arn:aws:sts::000000000000:assumed-role/x is not authorized to perform: cloudformation:CreateChangeSet',
  expired: 'ExpiredToken: The security token included in the request is expired',
};

function main([command, ...words]) {
  const options = { stacks: [] };
  for (let i = 0; i < words.length; i++) {
    if (VALUES.includes(words[i])) options[words[i]] = words[++i];
    else if (words[i].startsWith('--')) {
      if (!FLAGS.includes(words[i])) return fail(`Unknown argument: ${words[i]}`);
      options[words[i]] = true;
    } else options.stacks.push(words[i]);
  }
  // as the real one, which would run the build command of a cdk.json in its folder
  if (existsSync(call().path('cdk.json'))) return fail('it ran in the folder of cdk.json');
  const found = stacksIn(call().path(options['--app']), '');
  const isPreparation = options['--method'] === 'prepare-change-set';
  const how = faultOf(isPreparation ? 'cdk prepare' : `cdk ${command}`);
  if (command === '--version') return call().print(`${call().env.CDK_STAND_IN_CDK ?? '2.1031.0'} (build 0)\n`);
  if (command === 'list') return how && TEXTS[how] ? fail(TEXTS[how]) : call().print(found.map(({ id }) => `${id}\n`).join(''));
  if (command === 'publish-assets') return options['--unstable'] === 'publish-assets' ? publishAssets(options, found, how) : fail("Unstable feature use: 'publish-assets' is unstable.");
  if (command !== 'deploy') return fail(`Unknown command: ${command}`);
  if (options['--require-approval'] !== 'never') return fail('"--require-approval" is enabled and stack includes security-sensitive updates, but terminal (TTY) is not attached');
  if (options['--method'] !== undefined && !isPreparation) return fail(`Invalid values: Argument: method, Given: ${options['--method']}`);
  return isPreparation ? prepareAll(options, found, how) : deploy(options, found, how);
}

/** As the real one, which makes no change set for an unchanged template. */
function prepareAll(options, found, how) {
  if (how === 'hangs') return call().hang();
  if (how === 'killed') return killCaller();
  if (TEXTS[how]) return fail(TEXTS[how]);
  for (const one of selected(options, found)) {
    const { file, name } = one;
    publish(one);
    const [account, template] = [load(), JSON.parse(readFileSync(file, 'utf8'))];
    const stack = account.stacks[name];
    if (/_IN_PROGRESS$/.test(stack?.status) && stack.status !== 'REVIEW_IN_PROGRESS') return fail(`${name} failed: Stack is in a ${stack.status} state`);
    if (stack?.template && JSON.stringify(stack.template) === JSON.stringify(template)) call().print(`✅  ${name} (no changes)\n`);
    else {
      const { arn, reason, status } = prepare(account, name, options['--change-set-name'], template);
      if (status === 'FAILED') return fail(`${name} failed: ToolkitError: Failed to create ChangeSet ${options['--change-set-name']} on ${name}: FAILED, ${reason}`);
      call().print(`Changeset ${arn} created and waiting in review for manual execution (--no-execute)\n`);
    }
  }
  if (how === 'appliedHangs') return call().hang();
  if (how === 'appliedKilled' || how === 'endedKilled') return killCaller();
  return how === 'appliedUnavailable' ? fail(TEXTS.unavailable) : undefined;
}

function fail(text) {
  call().printError(`❌  ${text}\n`);
  call().exit(1);
}

function stacksIn(assembly, folder) {
  const { artifacts, version } = JSON.parse(readFileSync(join(assembly, folder, 'manifest.json'), 'utf8'));
  if (Number(version.split('.')[0]) > schema()) {
    fail(`This CDK CLI is not compatible with the CDK library used by your application. Please upgrade the CLI to the latest version.\n(Cloud assembly schema version mismatch: Maximum schema version supported is ${schema()}.x.x, but found ${version}.)`);
  }
  return Object.entries(artifacts).flatMap(([key, { displayName, properties, type }]) => {
    if (type === 'cdk:cloud-assembly') return stacksIn(assembly, join(folder, properties.directoryName));
    return type === 'aws:cloudformation:stack' ? [{ id: displayName, name: properties.stackName ?? key, file: join(assembly, folder, properties.templateFile), assets: join(assembly, folder, `${key}.assets.json`) }] : [];
  });
}

/** The real one ignores names that do not exist as long as one does. */
const selected = (options, found) => options.stacks.flatMap((wanted) => found.filter(({ id }) => id === wanted));

function publishAssets(options, found, how) {
  if (how === 'hangs') return call().hang();
  if (how === 'killed') return killCaller();
  if (TEXTS[how]) return fail(TEXTS[how]);
  for (const stack of selected(options, found)) publish(stack);
  if (how === 'appliedUnavailable') return fail(TEXTS.unavailable);
  return how === 'appliedKilled' ? killCaller() : undefined;
}

/** Publishes what is not there. An image is built, unless there is no docker. */
function publish({ assets }) {
  if (!existsSync(assets)) return;
  const account = load();
  const { dockerImages = {}, files = {} } = JSON.parse(readFileSync(assets, 'utf8'));
  const destinations = (all) => Object.values(all).flatMap((asset) => Object.values(asset.destinations));
  const missing = destinations(dockerImages).map(({ imageTag, repositoryName }) => `${repositoryName}:${imageTag}`).filter((name) => !account.images?.includes(name));
  if (missing.length > 0 && account.hasDocker === false) return fail('Failed to build asset: Unable to execute docker (docker: not found)');
  const objects = destinations(files).map(({ bucketName, objectKey }) => `${bucketName}/${objectKey}`.replace('${AWS::AccountId}', account.account ?? '000000000000'));
  save({ ...account, objects: [...new Set([...account.objects ?? [], ...objects])], images: [...account.images ?? [], ...missing] });
}

async function deploy(options, found, how) {
  if (how === 'hangs') return call().hang();
  while (how === 'waits' && !isReleased()) await pause();
  if (how === 'killed') return killCaller();
  if (TEXTS[how]) return fail(TEXTS[how]);
  for (const stack of selected(options, found)) {
    const { file, name } = stack;
    const template = JSON.parse(readFileSync(file, 'utf8'));
    publish(stack);
    if (await deployOne(name, template, how)) return undefined;
  }
  writeFileSync(call().path(options['--outputs-file']), JSON.stringify({}));
  if (how === 'other') {
    const account = load();
    account.stacks[account.serves].template = { Metadata: { release: 'v0' } };
    save(account);
  }
  if (how === 'appliedUnavailable') return fail(TEXTS.unavailable);
  if (how === 'endedKilled') return killCaller();
  return undefined;
}

/** Between two looks. */
const pause = () => call().pause(20);

/** Returns whether it does not go on. */
async function deployOne(name, template, how) {
  const account = load();
  const stack = account.stacks[name];
  if (stack && !/_COMPLETE$|^REVIEW_IN_PROGRESS$/.test(stack.status)) return fail(`${name} failed: Stack is in ${/IN_PROGRESS/.test(stack.status) ? 'a ' : 'a paused '}${stack.status} state`);
  const isSame = JSON.stringify(stack?.template) === JSON.stringify(template) && stack.status !== 'ROLLBACK_COMPLETE';
  call().print(isSame ? `✅  ${name} (no changes)\n` : `${name}: deploying...\n`);
  if (isSame) return false;
  begin(account, name, template);
  if (how === 'appliedHangs') return call().hang() ?? true;
  if (how === 'appliedKilled') return killCaller() ?? true;
  for (;;) {
    await pause();
    const now = load();
    look(now, name);
    const { status } = now.stacks[name];
    if (/^(CREATE|UPDATE)_COMPLETE$/.test(status)) break;
    if (/IN_PROGRESS$/.test(status)) continue;
    call().printError(`${name} | 8:05:23 PM | ${status} | AWS::CloudFormation::Stack | User: x is not authorized to perform Throttling\n`);
    return fail(`${name} failed to deploy\n‣ DeploymentError: Resource updates failed:`);
  }
  call().print(`✅  ${name}\n`);
  return false;
}

module.exports = main;
