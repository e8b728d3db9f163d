data "coze_plugin" "weather" {
  name = "墨迹天气"
}

data "coze_plugin_tool" "weather" {
  plugin = data.coze_plugin.weather.id
  name   = "getWeather"
}

# Bots take both:
# plugins = [{ plugin = data.coze_plugin.weather.id, tool = data.coze_plugin_tool.weather.id }]
