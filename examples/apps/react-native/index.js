// Before the client: it takes its keys from here.
import 'react-native-get-random-values';
import { AppRegistry } from 'react-native';
import { App } from './App';

AppRegistry.registerComponent('Album', () => App);
