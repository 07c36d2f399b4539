import { github, Project } from 'projen';
import { parse } from 'yaml';
import { Alert, Delivery, DeliveryOptions, Duration, HealthCheck, ReleaseIdentity, Schedule, StatusPage, Strategy, Trigger } from '../../../../src';
import { deliver, environment, plainProject, synthesize } from '../../../test-project';

/** The delivery's properties that give its workflows. */
export const WORKFLOWS = ['workflow', 'rollbackWorkflow', 'drillWorkflow', 'monitorWorkflow'] as const;
export type Which = typeof WORKFLOWS[number];

export type Document = Record<string, unknown>;

/** A delivery whose jobs have everything that jobs may have, with a job of the user's own that deployments wait for. */
export function everything(project: Project = plainProject(), options: Pick<DeliveryOptions, 'proof'> = {}): Delivery {
  const secretHeader = { secretRequestHeaders: { Authorization: 'TOKEN' }, release: ReleaseIdentity.json('version') };
  const delivery = deliver(project, {
    ...options,
    artifact: { paths: ['dist'], buildTask: 'ship' },
    needs: ['unit-test'],
    environments: [
      environment('staging', { rollbackEnvironment: 'staging-twin' }),
      environment('production', { trigger: Trigger.after('staging'), strategy: Strategy.blueGreen() }),
      environment('demo', { trigger: Trigger.tag('demo-*', { except: 'demo-old-*' }) }),
      environment('preview', {
        trigger: Trigger.manual(),
        monitorEnvironment: 'preview-look',
        healthChecks: [HealthCheck.http('https://preview.example.com/health', secretHeader)],
      }),
    ],
    drill: { environments: ['staging'], schedule: Schedule.weekly('Tue 03:17') },
    monitoring: { interval: Duration.minutes(5), heartbeat: 'HEARTBEAT', statusPage: StatusPage.artifact() },
    alerts: [Alert.webhook('ALERT_WEBHOOK'), Alert.githubIssue()],
  });
  const test: github.workflows.Job = { name: 'test', runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 5, steps: [{ id: 'test', name: 'test', run: 'true' }] };
  delivery.workflow.addJob('unit-test', test);
  delivery.workflow.addJob('lint', { ...test, name: 'lint' });
  return delivery;
}

/** What projen writes where nothing is changed: the finished file says `permissions: {}` beside it. */
export function asWritten(): Record<Which, Document> {
  const project = plainProject();
  everything(project);
  const written = synthesize(project);
  const read = (name: string) => {
    const { permissions: _none, ...rest } = parse(written.workflowText(name)) as Document;
    return rest;
  };
  return { workflow: read('deploy'), rollbackWorkflow: read('rollback'), drillWorkflow: read('drill'), monitorWorkflow: read('monitor') };
}
