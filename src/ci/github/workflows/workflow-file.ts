import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Component, FileBase, github, YamlFile } from 'projen';
import { finishedWorkflow } from './workflow-text';
import { WrittenWorkflow, writtenWorkflow } from './written-workflow';
import { write } from '../../../files/generated-file';
import { invalid } from '../../../validation/validation-error';

const ID = 'checked';

/** Refuses a workflow in which a guarantee does not hold any more. `text` is the file, unless there is none. */
export type WorkflowCheck = (written: WrittenWorkflow, text: string | undefined) => void;

/**
 * Checks the file of a workflow that our jobs stand in as soon as projen has written it, and again when all components have had their turn.
 * It is below the file, so it is synthesized right after it and removed with it.
 */
export class CheckedWorkflowFile extends Component {
  /** Several deliveries may have jobs in one workflow. */
  public static of(file: YamlFile): CheckedWorkflowFile {
    return CheckedWorkflowFile.find(file) ?? new CheckedWorkflowFile(file);
  }

  /** Undefined where no delivery has jobs in it. */
  public static find(file: FileBase): CheckedWorkflowFile | undefined {
    return file.node.tryFindChild(ID) as CheckedWorkflowFile | undefined;
  }

  private readonly checks: WorkflowCheck[] = [];
  private isFinished = false;
  /** What is in the file, as it was checked. */
  private text?: string;
  private present: WrittenWorkflow = {};

  private constructor(private readonly file: YamlFile) {
    super(file, ID);
  }

  /** What the file says. */
  public get written(): WrittenWorkflow {
    return this.present;
  }

  public add(check: WorkflowCheck): void {
    this.checks.push(check);
  }

  /** Makes the file, which is of a workflow of ours, shorter and easier to review. */
  public finish(): void {
    this.isFinished = true;
  }

  public synthesize(): void {
    const text = this.read();
    this.checkAs(writtenWorkflow(this.file), text);
  }

  /** What was written over it since. */
  public checkAgain(): void {
    const text = this.read();
    if (text === this.text) return;
    this.checkAs(text === undefined ? {} : this.parsed(text), text);
  }

  /** A patch may leave nothing to write. */
  private read(): string | undefined {
    return existsSync(this.file.absolutePath) ? readFileSync(this.file.absolutePath, 'utf8') : undefined;
  }

  private checkAs(written: WrittenWorkflow, text: string | undefined): void {
    const finished = text !== undefined && this.isFinished ? finishedWorkflow(text) : text;
    try {
      for (const check of this.checks) check(written, finished);
    } catch (error) {
      // what is refused is not left behind
      rmSync(this.file.absolutePath, { force: true });
      throw error;
    }
    if (finished !== undefined && finished !== text) {
      rmSync(this.file.absolutePath);
      write(this.file, Buffer.from(finished));
    }
    this.text = finished;
    this.present = written;
  }

  private parsed(text: string): WrittenWorkflow {
    try {
      return projensYaml().parse(text) as WrittenWorkflow;
    } catch (error) {
      return invalid(this.file.path, `was rewritten after projen wrote it, and cannot be read: ${(error as Error).message}`, 'Change the workflow before it is written: workflow.file.addOverride(...)');
    }
  }
}

/** The one that projen brings along: it is needed only where a component wrote the file by itself. */
function projensYaml(): { parse(text: string): unknown } {
  return createRequire(require.resolve('projen'))('yaml') as { parse(text: string): unknown };
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
