import { playFlowStories } from './flow-stories.ts'

playFlowStories('sqlite')
