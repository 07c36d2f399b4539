// The Lambda functions of the stacks: versions that never change, and aliases that CloudFormation, or someone else, moves. See README.md.
'use strict';

const resourcesOf = (template, type) => Object.entries(template?.Resources ?? {}).filter(([, { Type }]) => Type === type);
const functionOf = (name, template) => resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties?.FunctionName ?? `${name}-Fn-1A2B`)[0];
const arnOf = (account, fn, version) => `arn:aws:lambda:${account.region ?? 'us-east-1'}:${account.account ?? '000000000000'}:function:${fn}:${version}`;

/** Points an alias at a version. */
function point(alias, version, weights = {}) {
  return { ...alias, version, weights, revisionId: `revision-${Number(alias?.revisionId?.split('-')[1] ?? 0) + 1}` };
}

/** An update publishes the new versions and moves the aliases before it is complete. */
function update(account, name, stack) {
  const { next: template, template: before } = stack;
  const fn = functionOf(name, template);
  if (fn === undefined) return;
  account.functions ??= {};
  const { aliases, versions } = account.functions[fn] ??= { versions: {}, aliases: {} };
  stack.resources = { ...stack.resources };
  for (const [id] of resourcesOf(template, 'AWS::Lambda::Version').filter(([one]) => !(one in stack.resources))) {
    const version = String(Math.max(0, ...Object.keys(versions).map(Number)) + 1);
    versions[version] = template.Metadata.release;
    stack.resources[id] = arnOf(account, fn, version);
  }
  moveAliases(aliases, template, stack, before === template ? undefined : before);
}

/** CloudFormation updates an alias whose properties differ: it does not notice that someone moved it. */
function moveAliases(aliases, template, { resources }, before) {
  const old = Object.fromEntries(resourcesOf(before, 'AWS::Lambda::Alias'));
  for (const [id, { Properties }] of resourcesOf(template, 'AWS::Lambda::Alias')) {
    const version = Properties.FunctionVersion['Fn::GetAtt']?.[0];
    if (JSON.stringify(old[id]?.Properties) !== JSON.stringify(Properties)) aliases[Properties.Name] = point(aliases[Properties.Name], resources[version]?.split(':').at(-1) ?? '$LATEST');
  }
}

/** When an update is complete, CloudFormation deletes what the template does not have any more, unless it is retained. */
function cleanUp(account, name, stack, before) {
  for (const [id, { DeletionPolicy }] of resourcesOf(before, 'AWS::Lambda::Version').filter(([one]) => !stack.template.Resources[one])) {
    if (DeletionPolicy !== 'Retain') delete account.functions[functionOf(name, before)].versions[stack.resources[id].split(':').at(-1)];
    delete stack.resources[id];
  }
  const fn = functionOf(name, before);
  if (fn !== undefined && functionOf(name, stack.template) === undefined) delete account.functions[fn];
}

/** A rollback moves the aliases back. */
function rollBack(account, name, stack) {
  const fn = functionOf(name, stack.template);
  if (fn === undefined || !account.functions?.[fn]) return;
  for (const [id] of resourcesOf(stack.next, 'AWS::Lambda::Version').filter(([one]) => !stack.template.Resources[one])) delete stack.resources[id];
  moveAliases(account.functions[fn].aliases, stack.template, stack, stack.next);
}

/** The release that users reach by an alias; undefined if there is none. */
function servedBy({ functions = {} }) {
  const [fn] = Object.values(functions);
  return fn?.versions[fn.aliases.live?.version];
}

module.exports = { cleanUp, functionOf, point, rollBack, servedBy, update };
