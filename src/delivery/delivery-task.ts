import { Project, Task } from 'projen';
import { Scope } from './scope';
import { RUNTIME_FILE } from '../contract/manifest';
import { invalid, show } from '../validation/validation-error';

const TASK = 'delivery';

/** Adds the task that runs the runtime by hand. */
export function addTask(project: Project, { runtime }: Scope): void {
  if (project.tasks.tryFind(TASK)) return;
  project.addTask(TASK, {
    description: 'Plans, deploys, watches or rolls back a release by hand (--help shows how)',
    execArgs: [...runtime, '$@'],
    receiveArgs: true,
  });
}

/** How a person at the root runs a command of the runtime. */
export function lineOf({ root }: Project, words: string): string {
  return `${root.runTaskCommand(root.tasks.tryFind(TASK)!)} ${words}`;
}

/** Returns whether a delivery added the task: a root project gets one for its subprojects. */
function isOurTask(task: Task): boolean {
  return task.steps.some(({ execArgs }) => execArgs?.[1]?.endsWith(RUNTIME_FILE));
}

export function checkTask(project: Project): void {
  for (const one of new Set([project.root, project])) {
    const task = one.tasks.tryFind(TASK);
    if (task && !isOurTask(task)) invalid('Delivery', `the project ${show(one.name)} has a task ${show(TASK)} already`, 'Give that task another name');
  }
}
