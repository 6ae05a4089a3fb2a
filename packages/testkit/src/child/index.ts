export { point, tell } from './points.ts'
