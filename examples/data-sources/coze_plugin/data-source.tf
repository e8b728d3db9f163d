data "coze_plugin" "weather" {
  name = "墨迹天气"
}
