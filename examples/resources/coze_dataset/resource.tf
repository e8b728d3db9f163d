data "coze_workspace" "desk" {
  name = "客服空间"
}

resource "coze_dataset" "policies" {
  workspace   = data.coze_workspace.desk.id
  name        = "店铺政策"
  format      = "text"
  description = "退换货、发货和发票的现行规则。"

  lifecycle {
    create_before_destroy = true
  }
}
