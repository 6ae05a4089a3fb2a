// Another program that runs one script after the other, each when the test says so.
import { point, tell } from '@lockkeeper/testkit/child'
import Database from 'better-sqlite3'

const [file = '', scripts = '[]'] = process.argv.slice(2)
const connection = new Database(file, { timeout: 20_000 })
for (const script of JSON.parse(scripts) as string[]) {
  await point('script')
  connection.exec(script)
  await tell(script)
}
connection.close()
