// NOTE to the engineer of the leaf modules: the lead wrote this while you were thinking and builds on it. Keep the exported shape; improve the inside where yours is better, write its tests, delete this line.
import { safeLine } from './untrusted-text';

/** What a person reads while a job runs. Every text is made safe, and no secret passes. */
export interface Log {
  line(text: string): void;
  group(title: string): void;
  endGroup(): void;
  /** What a probe saw while we wait. */
  progress(text: string): void;
  /** A line that the user's own command printed. */
  commandOutput(text: string): void;
  notice(title: string, text: string): void;
  warning(title: string, text: string): void;
  error(title: string, text: string): void;
}

export interface LogOptions {
  readonly write: (text: string) => void;
  /** Whether the runner reads workflow commands from what we print. */
  readonly inCi: boolean;
  /** Values that are never shown. */
  readonly secrets: readonly string[];
}

/** Longer lines are cut: a person cannot read them, and a log is no file store. */
const MAX_LINE = 1000;

export function openLog({ write, inCi, secrets }: LogOptions): Log {
  const mask = masker(secrets);
  const say = (text: string) => write(`${text}\n`);
  const safe = (text: string) => safeLine(mask(text), MAX_LINE);
  const announce = (level: 'notice' | 'warning' | 'error', title: string, text: string) => {
    const lines = text.split('\n').map(safe);
    if (inCi) say(`::${level} title=${escapeProperty(safe(title))}::${lines.map(escapeData).join('%0A')}`);
    else say(`${level === 'notice' ? '' : `${level}: `}${safe(title)}: ${lines.join('\n  ')}`);
  };
  return {
    line: (text) => say(safe(text)),
    group: (title) => say(inCi ? `::group::${escapeData(safe(title))}` : `\n${safe(title)}`),
    endGroup: () => {
      if (inCi) say('::endgroup::');
    },
    progress: (text) => say(`  ${safe(text)}`),
    commandOutput: (text) => {
      // Masks may pass: they can only hide. Anything else is shown behind a bar, where it commands nothing.
      if (inCi && text.startsWith('::add-mask::')) say(text);
      else say(`  │ ${masksColours(mask(text))}`);
    },
    notice: (title, text) => announce('notice', title, text),
    warning: (title, text) => announce('warning', title, text),
    error: (title, text) => announce('error', title, text),
  };
}

/** Colours may stay, everything else that a terminal acts upon goes. */
function masksColours(text: string): string {
  // eslint-disable-next-line no-control-regex -- the escape character is what this is about
  const parts = text.slice(0, MAX_LINE).split(/(\u001b\[[0-9;]*m)/);
  // eslint-disable-next-line no-control-regex -- as above
  return parts.map((part, i) => (i % 2 === 1 ? part : part.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '').replaceAll('##[', '## ['))).join('');
}

/** Replaces every secret, and each line of one that has several, by `***`. Longest first, so that no rest is left over. */
export function masker(secrets: readonly string[]): (text: string) => string {
  const hidden = [...new Set(secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]).map((secret) => secret.trim()))]
    .filter((secret) => secret.length >= 3)
    .sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}

/** @see https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
