// The stacks that `aws` and `cdk` share: a folder instead of an account. See README.md.
'use strict';
const { existsSync } = require('node:fs');
const { cleanUp, rollBack, servedBy, update } = require('./functions.cjs');
const { call } = require('../stand-in-server/call.cjs');
const { folderOf } = require('../stand-in-server/folder.cjs');

const { faultOf, file, read, write } = folderOf('CDK_STAND_IN');

const load = () => read('account.json', { stacks: {} });

function save(account) {
  write('account.json', JSON.stringify(account));
  // what users reach
  const release = servedBy(account) ?? account.stacks[account.serves]?.template?.Metadata?.release;
  if (release !== undefined) {
    write('the-stack', release);
    write('live', 'the-stack');
  }
}

/** An export that a template uses, and that no stack has. */
function missingExport({ stacks }, template) {
  const exported = Object.values(stacks).flatMap((stack) => stack.template?.Metadata?.exports ?? []);
  return (template.Metadata?.uses ?? []).find((one) => !exported.includes(one));
}

/** Makes a change set, in place of one of the same name. A stack that does not exist waits for it. */
function prepare(account, name, changeSet, template) {
  const stack = account.stacks[name] ?? { status: 'REVIEW_IN_PROGRESS', events: [], updatedAt: 'created' };
  account.clock = (account.clock ?? 0) + 1;
  const missing = missingExport(account, template);
  const made = {
    name: changeSet, arn: `arn:aws:cloudformation:eu-central-1:000000000000:changeSet/${changeSet}/id-${account.clock}`, template, createdAt: new Date().toISOString(),
    ...(missing === undefined
      ? { status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE', reason: '', changes: changesOf(stack.template, template) }
      : { status: 'FAILED', executionStatus: 'UNAVAILABLE', reason: `No export named ${missing} found.`, changes: [] }),
  };
  account.stacks[name] = { ...stack, changeSets: [...(stack.changeSets ?? []).filter((one) => one.name !== changeSet), made] };
  save(account);
  return made;
}

function changesOf(before, after) {
  const [old, now] = [before?.Resources ?? {}, after.Resources ?? {}];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((id) => {
    const { Metadata: { replacement = 'False' } = {}, Properties: properties = {}, Type: type } = now[id] ?? old[id];
    const action = !old[id] ? 'Add' : now[id] ? 'Modify' : 'Remove';
    if (action === 'Modify' && JSON.stringify(old[id]) === JSON.stringify(now[id])) return [];
    const names = Object.keys(properties).filter((name) => old[id]?.Properties?.[name] !== properties[name]);
    const isModified = action === 'Modify';
    return [{ Action: action, LogicalResourceId: id, ResourceType: type, Scope: isModified ? ['Properties'] : [], Details: isModified ? names.map((Name) => ({ Target: { Name } })) : [], ...(isModified && { Replacement: replacement }) }];
  });
}

/** Begins an operation. It ends after so many reads. */
function begin(account, name, template, executed) {
  const before = account.stacks[name];
  const isNew = !before || before.status === 'ROLLBACK_COMPLETE' || before.status === 'REVIEW_IN_PROGRESS';
  const { how, looks = 1 } = template.Metadata ?? {};
  const started = { resource: name, type: 'AWS::CloudFormation::Stack', status: isNew ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS', reason: 'User Initiated' };
  account.stacks[name] = {
    ...before, template: isNew ? template : before.template, next: template, how, looks, status: started.status,
    // the change sets of the stack as it was are gone
    changeSets: (before?.changeSets ?? []).filter((one) => one.name === executed).map((one) => ({ ...one, executionStatus: 'EXECUTE_IN_PROGRESS' })),
    updatedAt: new Date().toISOString(), events: [started, ...(isNew ? [] : before.events)],
  };
  update(account, name, account.stacks[name]);
  save(account);
}

/** A look at a stack: time passes. */
function look(account, name) {
  const stack = account.stacks[name];
  if (!stack?.status.endsWith('_IN_PROGRESS') || stack.isForeign || stack.status === 'REVIEW_IN_PROGRESS') return;
  if (stack.looks > 0) stack.looks -= 1;
  else finish(stack, name, account);
  save(account);
}

function finish(stack, name, account) {
  const { stacks } = account;
  const isCreation = stack.status === 'CREATE_IN_PROGRESS';
  const event = (status, reason, resource = name, type = 'AWS::CloudFormation::Stack') => stack.events.unshift({ resource, type, status, reason });
  if (stack.status === 'UPDATE_ROLLBACK_IN_PROGRESS' || stack.status === 'ROLLBACK_IN_PROGRESS') {
    if (stack.locked > 0 && !isCreation) {
      stack.locked -= 1;
      event('UPDATE_FAILED', 'the guard is locked', 'Guard', 'Custom::Guard');
      stack.status = 'UPDATE_ROLLBACK_FAILED';
    } else {
      stack.status = stack.status.replace('_IN_PROGRESS', '_COMPLETE');
      rollBack(account, name, stack);
    }
  } else if (usedBy(stacks, stack, name)) {
    const [used, user] = usedBy(stacks, stack, name);
    event('UPDATE_ROLLBACK_IN_PROGRESS', `Export ${used} cannot be deleted as it is in use by ${user}`);
    Object.assign(stack, { looks: 1, status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
  } else if (stack.how === 'fails' || stack.how === 'sticks' || stack.how === 'staysFailed') {
    event(isCreation ? 'CREATE_FAILED' : 'UPDATE_FAILED', 'Value is not supported', 'Broken', 'AWS::SSM::Parameter');
    stack.looks = 1;
    if (stack.how === 'sticks') stack.locked ??= stack.next.Metadata.locked ?? 1;
    stack.status = stack.how === 'staysFailed' ? `${isCreation ? 'CREATE' : 'UPDATE'}_FAILED` : isCreation ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS';
  } else {
    const before = stack.template;
    stack.template = stack.next;
    cleanUp(account, name, stack, before);
    stack.status = isCreation ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE';
  }
  if (stack.status.endsWith('_IN_PROGRESS')) return;
  event(stack.status, '');
  for (const one of stack.changeSets ?? []) one.executionStatus = /^(CREATE|UPDATE)_COMPLETE$/.test(stack.status) ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED';
}

/** An export that the new template lacks, and the stack that uses it. */
function usedBy(stacks, { next }, name) {
  const exported = next.Metadata?.exports ?? [];
  for (const [user, { template }] of Object.entries(stacks)) {
    const used = user === name ? undefined : (template?.Metadata?.uses ?? []).find((one) => !exported.includes(one));
    if (used !== undefined) return [used, user];
  }
  return undefined;
}

/** Whether the test lets a call go on that waits. */
const isReleased = () => existsSync(file('go'));

/** The process that called dies, and this call with it. */
function killCaller() {
  call().killCaller();
  call().hang();
}

module.exports = { begin, faultOf, isReleased, killCaller, load, look, prepare, read, save };
