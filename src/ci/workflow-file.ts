import { existsSync, readFileSync, rmSync } from 'node:fs';
import { Component, github, YamlFile } from 'projen';
import { write } from '../own-file';
import { finishedWorkflow } from './workflow-text';

/** Finishes the file of a workflow of ours as soon as projen has written it: below the file, it is synthesized after it and removed with it. */
export class FinishedWorkflowFile extends Component {
  /** @param check refuses what GitHub would not read as it is meant */
  constructor(private readonly file: YamlFile, private readonly check: (text: string) => void = () => undefined) {
    super(file, 'finished');
  }

  public synthesize(): void {
    const { absolutePath: path } = this.file;
    // A patch may leave nothing to write.
    if (!existsSync(path)) return;
    const text = finishedWorkflow(readFileSync(path, 'utf8'));
    // What is refused is not left behind.
    rmSync(path);
    this.check(text);
    write(this.file, Buffer.from(text));
  }
}

/**
 * Does something just before projen writes a workflow: below the workflow it is synthesized before the file, and after every component of
 * the repository had its `preSynthesize`.
 */
export class BeforeWorkflowFile extends Component {
  constructor(workflow: github.GithubWorkflow, private readonly act: () => void) {
    super(workflow);
  }

  public synthesize(): void {
    this.act();
  }
}
