import { RunEvent, WorkflowRun } from '../../tools/github-actions-emulator';

/** Does something once, when a job prints a line. */
export function whenPrinted(job: string, line: RegExp, act: (run: WorkflowRun) => void): (event: RunEvent, run: WorkflowRun) => void {
  let done = false;
  return (event, run) => {
    if (done || event.kind !== 'line' || event.job !== job || !line.test(event.text)) return;
    done = true;
    act(run);
  };
}
