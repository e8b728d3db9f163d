data "coze_workspace" "desk" {
  name = "客服空间"
}
