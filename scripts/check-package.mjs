// Looks at the package as npm would publish it: its entries, and whether types resolve from every kind of program.
import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { build } from './build.mjs'
import { capture } from './processes.mjs'

const complaints = (await build({ ifStale: true })) ? await lookAt() : ['The package could not be built.']
for (const complaint of complaints) console.log(complaint)
if (complaints.length > 0) process.exitCode = 1

async function lookAt() {
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-package-'))
  try {
    const npm = ['pack', '--ignore-scripts', '--json', '--pack-destination', directory]
    const { code, output } = await capture('npm', npm)
    if (code !== 0) return [`npm pack failed: ${output}`]
    const [{ filename }] = JSON.parse(output.slice(output.indexOf('[')))
    const tarball = readFileSync(join(directory, filename))
    return [...(await publintComplaints(tarball)), ...(await typesComplaints(tarball))]
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function publintComplaints(tarball) {
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true })
  return messages.map((message) => `publint: ${formatMessage(message, pkg)}`)
}

async function typesComplaints(tarball) {
  const { problems = [] } = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)))
  return problems.map((problem) => `types: ${JSON.stringify(problem)}`)
}
