import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

/** Programs of others, as peers: what they see of our solutions is not for us to say. */

export interface CurlResult {
  readonly stdout: string
  /** With `--verbose`: what curl says of its connections. */
  readonly stderr: string
}

/** curl with nothing of this machine's own settings; a body arrives on stdout. */
export async function curl(...args: readonly string[]): Promise<CurlResult> {
  const env = { PATH: process.env['PATH'] ?? '' }
  return await promisify(execFile)('curl', ['--disable', '--silent', '--show-error', ...args], { env })
}

export interface Nginx {
  readonly port: number
  stop(): Promise<void>
}

/**
 * nginx on a port of 127.0.0.1 that the system has chosen.
 *
 * @param server - What stands inside `server { }` besides `listen`.
 * @param http - What stands beside it inside `http { }`.
 */
export async function startNginx(server: string, http = ''): Promise<Nginx> {
  const folder = mkdtempSync(path.join(tmpdir(), 'workbook-nginx-'))
  const listening = net.createServer().listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as net.AddressInfo
  writeFileSync(path.join(folder, 'nginx.conf'), configuration(folder, port, server, http))
  const child = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], {
    // The socket listens already, and nginx takes it over as in an upgrade: nobody else can get the port.
    env: { PATH: process.env['PATH'] ?? '', NGINX: '3;' },
    stdio: ['ignore', 'ignore', 'pipe', descriptorOf(listening)],
  })
  const gone = once(child, 'exit')
  listening.close()
  let said = ''
  const started = new Promise<void>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('start worker process')) resolve()
    })
    void gone.then(() => reject(new Error(`nginx did not start:\n${said}`)))
  })
  await started
  return {
    port,
    async stop() {
      child.kill('SIGQUIT')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

// --- internal ---

function configuration(folder: string, port: number, server: string, http: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ')
  return `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr notice;
events { worker_connections 64; }
http { access_log off; ${temporary} ${http}
server { listen 127.0.0.1:${port}; root ${folder}; ${server} } }
`
}

// Node has no public way to a listening socket's descriptor.
function descriptorOf(server: net.Server): number {
  const { _handle: handle } = server as unknown as { _handle: { fd: number } }
  return handle.fd
}
