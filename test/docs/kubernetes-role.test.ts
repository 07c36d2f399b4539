/** The Role in docs/targets/kubernetes.md has the verbs that the driver uses, and no other. `kubernetes.ci.ts` runs releases with exactly this Role. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { accessOf } from '../../src/engines/kubernetes/runtime/kubernetes-preflight';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const page = readFileSync(join(__dirname, '../../docs/targets/kubernetes.md'), 'utf8');
const [, yaml] = /```yaml\n(apiVersion: rbac[^]*?)```/.exec(page)!;
const { rules } = parseAllDocuments(yaml)[0]!.toJS() as { readonly rules: readonly Rule[] };
const [, ofArgo] = /```yaml\n(rules:[^]*?)```/.exec(readFileSync(join(__dirname, '../../docs/targets/kubernetes-argo-rollouts.md'), 'utf8'))!;
const of = (all: readonly Rule[]) => all.flatMap(({ apiGroups, resources, verbs }) => apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`)))).sort();

it('allows what the preflight demands for the kinds that it names, and events besides', () => {
  // the first six rules are the target's own
  const kinds = rules.slice(6).flatMap(({ apiGroups: [group = ''], resources }) => resources.map((resource) => ({ kind: resource, group, resource, isNamespaced: true })));
  const keys = [...kinds.map(({ kind, group }) => ({ apiVersion: group === '' ? 'v1' : `${group}/v1`, kind, name: 'x' })), { apiVersion: 'batch/v1', kind: 'Job', name: 'x' }, { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'x' }];
  const demanded = accessOf(keys, kinds, { prunes: true }).map(({ group, resource, verb }) => `${verb} ${resource}.${group}`);
  expect([...new Set(of(rules))]).toEqual([...demanded, 'list events.', 'list endpointslices.discovery.k8s.io'].sort());
});

it('with Argo Rollouts, the rule to add is what the preflight demands besides', () => {
  const rollouts = [{ kind: 'Rollout', group: 'argoproj.io', resource: 'rollouts', isNamespaced: true }];
  const keys = [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web' }];
  const demanded = (rollout?: string) => accessOf(rollout === undefined ? [] : keys, rollouts, { prunes: true, rollout }).map(({ group, resource, verb }) => `${verb} ${resource}.${group}`);
  const { rules: added } = parse(ofArgo!) as { readonly rules: readonly Rule[] };
  expect(of(added)).toEqual(demanded('web').filter((one) => !demanded().includes(one)).sort());
});
