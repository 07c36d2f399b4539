import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandResultError, readCommandResult, SaidResult, withResultFile } from '../../../src/runtime/processes/command-result';

/** What is read after a command did this with the file. */
function after(command: (file: string) => void, name: 'deploy' | 'migrate' = 'deploy'): Promise<SaidResult> {
  return withResultFile(async (file) => {
    command(file);
    return readCommandResult(file, name);
  });
}

const afterWriting = (text: string | Buffer) => after((file) => writeFileSync(file, text));

describe('the file DELIVERY_RESULT', () => {
  test('may stay as it is', async () => {
    expect(await after(() => undefined)).toEqual({});
    expect(await afterWriting('')).toEqual({});
    expect(await afterWriting('\n\r\n  \n')).toEqual({});
  });

  test('names the URL of the candidate', async () => {
    expect(await afterWriting('candidate-url=https://green.example.com/?a=b\n')).toEqual({ candidateUrl: 'https://green.example.com/?a=b' });
    expect(await afterWriting('candidate-url=http://127.0.0.1:8081')).toEqual({ candidateUrl: 'http://127.0.0.1:8081' });
  });

  test('says of a migration whether it can be undone; a deploy says nothing of that, nor a migration of a candidate', async () => {
    const said = (text: string) => after((file) => writeFileSync(file, text), 'migrate');
    expect(await said('irreversible=true\n')).toEqual({ irreversible: true });
    expect(await said('irreversible=true\nirreversible=false\n')).toEqual({ irreversible: false });
    await expect(said('irreversible=1')).rejects.toThrow('irreversible=1, which is neither true nor false');
    await expect(said('candidate-url=https://green.example.com')).rejects.toThrow('migrate command may write lines of the form irreversible=true');
    await expect(afterWriting('irreversible=true')).rejects.toThrow(CommandResultError);
  });

  test('may be appended to, as the files of GitHub are: the last value counts', async () => {
    expect(await after((file) => {
      appendFileSync(file, 'candidate-url=https://one.example.com\r\n');
      appendFileSync(file, 'candidate-url=https://two.example.com\n');
    })).toEqual({ candidateUrl: 'https://two.example.com' });
  });

  test('is gone afterwards, also when the work failed', async () => {
    const files: string[] = [];
    await expect(withResultFile(async (file) => {
      files.push(file);
      writeFileSync(file, 'x');
      throw new Error('the work failed');
    })).rejects.toThrow('the work failed');
    expect(existsSync(dirname(files[0]))).toBe(false);
  });

  test.each([
    ['a key that means nothing', 'canditate-url=https://x.example.com', 'holds the unknown key "canditate-url"'],
    ['a line that is no assignment', 'https://x.example.com', 'holds "https://x.example.com", which is no key=value'],
    ['an address that is none', 'candidate-url=green', 'candidate-url=green, which is no http or https URL'],
    ['an address of another kind', 'candidate-url=file:///etc/passwd', 'which is no http or https URL'],
    ['an empty address', 'candidate-url=', 'which is no http or https URL'],
    ['a good line before a bad one', 'candidate-url=https://x.example.com\nslot=green', 'holds the unknown key "slot"'],
    ['bytes that are no text', Buffer.from([0xff, 0x00, 0x1b, 0x5b]), 'which is no key=value'],
  ])('must not hold %s', async (_, text, message) => {
    const error = await afterWriting(text).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CommandResultError);
    expect(String(error)).toContain(message);
    expect(String(error)).toContain('candidate-url=https://');
    expect(String(error)).not.toMatch(/[\u0000-\u001f]/); // eslint-disable-line no-control-regex
  });

  test.each(['me:hunter2', 'hunter2', ':hunter2'])('must not hold credentials (%s), and they are not repeated', async (credentials) => {
    const error = await afterWriting(`candidate-url=https://${credentials}@x.example.com`).catch((e: unknown) => e);
    expect(String(error)).toContain('credentials');
    expect(String(error)).not.toContain('hunter2');
  });

  test('is read only up to a bound', async () => {
    await expect(afterWriting(`candidate-url=https://x.example.com/${'x'.repeat(64 * 1024)}`)).rejects.toThrow('larger than 64 KiB');
  });

  test('is not followed where it was replaced by a link', async () => {
    await expect(after((file) => symlinkSync('/etc/passwd', file))).rejects.toThrow('replaced by a link');
  });

  test('is not waited for where it was replaced by a pipe', async () => {
    await expect(after((file) => execFileSync('mkfifo', [file]))).rejects.toThrow('no file');
  });

  test('may have been removed, with its folder', async () => {
    expect(await after((file) => rmSync(dirname(file), { recursive: true }))).toEqual({});
  });
});
