// How many connections a second one machine can open and close to one destination, from this kernel's settings.
import { kernelSetting, needsLinux } from './parts/linux.ts'
import { print, printTable } from './parts/table.ts'

needsLinux('the settings below /proc/sys/net/ipv4')

/** `TCP_TIMEWAIT_LEN` in Linux: compiled in, no setting changes it. */
const TIME_WAIT_SECONDS = 60

/** What the setting `tcp_tw_reuse` says about connections that this machine opens. */
const REUSE: Readonly<Record<string, string>> = {
  0: 'not before TIME-WAIT is over',
  1: 'everywhere, after a second',
  2: 'on loopback, after a second',
}

const [first = 0, last = 0] = (kernelSetting('ip_local_port_range') ?? '')
  .split(' ')
  .map(Number)
const reuse = kernelSetting('tcp_tw_reuse') ?? ''
// #region arithmetic
const ports = last - first + 1
const perSecond = ports / TIME_WAIT_SECONDS
// #endregion arithmetic

printTable(
  ['of this machine', 'value'],
  [
    ['ip_local_port_range', `${first} to ${last}`],
    ['ports for connections that it opens', `${ports}`],
    ['TIME-WAIT', `${TIME_WAIT_SECONDS} s`],
    ['tcp_tw_reuse', reuse],
    ['  so a waiting port is used again', REUSE[reuse] ?? 'as no page of ours knows'],
  ],
)
print()
print(
  `${ports} ports / ${TIME_WAIT_SECONDS} s = ${Math.floor(perSecond)} connections a second to one address and port,`,
)
print('while this machine closes first and no port is used again sooner.')
