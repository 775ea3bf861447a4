import { spawn, spawnSync } from 'node:child_process';
import { cliFile } from './run-cli.ts';

/** A pseudo-terminal of 100 columns by Python's standard library, which passes on bytes and the exit code; `\x03` after `until`, where given, is Ctrl-C. */
const script = `
import os, pty, sys, fcntl, termios, struct, select
until = sys.argv[1].encode()
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 100, 0, 0))
seen = b''
while True:
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    if not data:
        break
    os.write(1, data)
    seen += data
    if until and until in seen:
        os.write(fd, b'\\x03')
        until = b''
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

export const hasTerminal = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0;

/** Runs the command line on a pseudo-terminal; presses Ctrl-C when `interruptAt` has been shown. */
export const runInTerminal = (
  words: readonly string[],
  options: {
    readonly cwd: string;
    readonly interruptAt?: string;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<{ readonly exit: number | null; readonly screen: string }> => {
  const child = spawn('python3', ['-c', script, options.interruptAt ?? '', process.execPath, cliFile, ...words], {
    cwd: options.cwd,
    env: { ...process.env, TERM: 'xterm-256color', ...options.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text));
  return new Promise((resolve) => child.on('close', (exit) => resolve({ exit, screen })));
};
